import { open } from "node:fs/promises";
import { command } from "./command.ts";
import { CliError, EXIT } from "./exit-code.ts";
import { findHome } from "./home.ts";
import { print } from "./print.ts";
import { toNumber } from "./to-value.ts";

export default command({
  args: {
    lines: { type: "string", valueHint: "number", default: "50", description: "How many lines; default 50." },
    path: { type: "boolean", description: "Print where the log is instead." },
  },
  examples: ["ccproxy logs", "ccproxy logs --lines 200", 'tail -f "$(ccproxy logs --path)"'],
  async run(args, invocation) {
    const { logFile } = findHome(invocation.io, args);
    if (args.path) return print(args, invocation, { path: logFile }, logFile);
    const count = Math.max(0, Math.floor(toNumber("lines", args.lines)));
    const lines = count === 0 ? [] : (await readEnd(logFile)).slice(-count);
    print(args, invocation, lines, lines);
  },
});

/** The lines of the last megabyte: a log may be large. */
async function readEnd(path: string): Promise<string[]> {
  const file = await open(path, "r").catch(() => {
    throw new CliError(EXIT.failure, `there is no log yet: ${path} is written by 'ccproxy start'`);
  });
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 1024 * 1024);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString("utf8").split("\n");
    if (size > length) lines.shift();
    return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  } finally {
    await file.close();
  }
}
