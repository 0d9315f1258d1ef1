/**
 * Gathers lines for a moment and writes them together: under load a write costs more than all that makes a line. `flush`
 * writes what is gathered at once, before the process ends.
 */
export function batchLines(write: (lines: string) => void): {
  add: (line: string) => void;
  flush: () => void;
} {
  let lines = "";
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    if (lines === "") return;
    const all = lines;
    lines = "";
    write(all);
  };
  return {
    add(line) {
      if (lines === "") timer = setTimeout(flush, DELAY_MS);
      lines += `${line}\n`;
    },
    flush,
  };
}

/** Whoever follows the log does not notice, and a daemon that is killed loses no more than that. */
const DELAY_MS = 20;
