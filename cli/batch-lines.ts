/**
 * Gathers lines and writes them together once per turn of the event loop: under load a write costs more than all that
 * makes a line. `flush` writes what is gathered at once, before the process ends.
 */
export function batchLines(write: (lines: string) => void): {
  add: (line: string) => void;
  flush: () => void;
} {
  let lines = "";
  const flush = (): void => {
    if (lines === "") return;
    const all = lines;
    lines = "";
    write(all);
  };
  return {
    add(line) {
      if (lines === "") setImmediate(flush);
      lines += `${line}\n`;
    },
    flush,
  };
}
