/**
 * The longest that the event loop has been busy with one thing since, in milliseconds of this process: what others on
 * the machine take does not count.
 */
export function watchStalls(): () => number {
  let longest = 0;
  let at = performance.now();
  let used = process.cpuUsage();
  const look = (): void => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    longest = Math.max(longest, Math.min(now - at, (user + system) / 1000));
    at = now;
    used = process.cpuUsage();
  };
  const timer = setInterval(look, 2);
  return () => {
    look();
    clearInterval(timer);
    return Math.round(longest);
  };
}
