import { open } from "node:fs/promises";
import { command } from "./command.ts";
import { CliError, EXIT, type ExitCode } from "./exit-code.ts";
import { followFile, type Follower } from "./follow-file.ts";
import { findHome } from "./home.ts";
import type { Io } from "./io.ts";
import { print } from "./print.ts";
import { toNumber } from "./to-value.ts";
import { isEntry, isFailure, writeLogLine } from "./write-log-line.ts";
import { record, text } from "./shape.ts";

export default command({
  args: {
    lines: { type: "string", valueHint: "number", default: "50", description: "How many lines; default 50." },
    follow: { type: "boolean", alias: "f", description: "Go on with what is written from now on." },
    failed: { type: "boolean", description: "Only requests that failed." },
    path: { type: "boolean", description: "Print where the log is instead." },
  },
  examples: [
    "ccproxy logs",
    "ccproxy logs -f",
    "ccproxy logs --failed",
    "ccproxy logs --lines 200 --json | jq .target",
    'less "$(ccproxy logs --path)"',
  ],
  output: { lines: { anyOf: [record({ time: text }), record({ path: text })] } },
  async run(args, invocation) {
    const { io } = invocation;
    const { logFile } = findHome(io, args);
    if (args.path) {
      print(args, invocation, { path: logFile }, logFile);
      return EXIT.ok;
    }
    const count = Math.max(0, Math.floor(toNumber("lines", args.lines)));
    const show = toShow(io, { json: args.json === true, failed: args.failed === true });
    const { lines, end } = await readEnd(logFile);
    // Before the first line: what is written while it is shown comes after it.
    const follower = args.follow ? await followFile(logFile, end) : undefined;
    const wanted = args.failed ? lines.filter(isFailure) : lines;
    if (count > 0) show(wanted.slice(-count));
    return follower ? await follow(follower, show, io) : EXIT.ok;
  },
});

/** For a person one short line each; for a program the lines as they are, with --json entries alone. */
function toShow(io: Io, { json, failed }: { json: boolean; failed: boolean }): (lines: string[]) => void {
  return (given) => {
    const lines = failed ? given.filter(isFailure) : given;
    const shown = json ? lines.filter(isEntry) : io.isOutTerminal ? lines.map(writeLogLine) : lines;
    if (shown.length > 0) io.stdout(`${shown.join("\n")}\n`);
  };
}

/** Until a signal to end. */
function follow(follower: Follower, show: (lines: string[]) => void, io: Io): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const stopListening = io.onSignal((signal) => {
      isOver = true;
      clearTimeout(timer);
      stopListening();
      resolve(signal === "SIGINT" ? EXIT.interrupted : EXIT.ok);
    });
    const look = (): void => {
      follower.read().then((lines) => {
        if (isOver) return;
        show(lines);
        timer = setTimeout(look, LOOK_MS);
      }, reject);
    };
    look();
  });
}

/** The whole lines of the last megabyte (a log may be large), and where they end. */
async function readEnd(path: string): Promise<{ lines: string[]; end: number }> {
  const file = await open(path, "r").catch(() => {
    throw new CliError("no-file", `there is no log yet: ${path}`, "'ccproxy start' writes one");
  });
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 1024 * 1024);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const whole = buffer.lastIndexOf(LF) + 1;
    const lines = buffer.toString("utf8", 0, whole).split("\n").slice(0, -1);
    if (size > length) lines.shift();
    return { lines, end: size - length + whole };
  } finally {
    await file.close();
  }
}

/** Milliseconds between two looks: no system tells of writing to a file reliably. */
const LOOK_MS = 200;
const LF = 10;
