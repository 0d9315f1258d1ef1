/**
 * Gathers the lines of one turn of the event loop and writes them together: under load a write costs more than all that
 * makes a line. `flush` writes what is gathered at once, before the process ends.
 */
export function batchLines(write: (lines: string) => void): {
  add: (line: string) => void;
  flush: () => void;
} {
  let lines = "";
  let timer: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(timer);
    if (lines === "") return;
    const all = lines;
    lines = "";
    write(all);
  };
  return {
    add(line) {
      if (lines === "") timer = setImmediate(flush);
      lines += `${line}\n`;
    },
    flush,
  };
}
