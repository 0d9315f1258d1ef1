import { CliError } from "./exit-code.ts";
import type { Terminal } from "./wizard/terminal.ts";
import type { System } from "./doctor/system.ts";
import type { startServer } from "../server/serve.ts";

/** Everything a command touches besides files: so that commands can run inside another program, such as a test. */
export interface Io {
  /** Data. */
  stdout: (text: string) => void;
  /** Talk. */
  stderr: (text: string) => void;
  /** Talk that must not be overlooked, one line: red where somebody can see colours. */
  alarm?: (line: string) => void;
  env: Record<string, string | undefined>;
  /** A person reads the data, not a program. */
  isOutTerminal?: boolean;
  /** Somebody looks at the talk, who can see colours. */
  isTerminal?: boolean;
  /** The whole standard input. */
  readStdin: () => Promise<string>;
  /** Asks a person a question and reads one line; absent where nobody is there. Rejects with `interrupted`. */
  readLine?: (question: string) => Promise<string>;
  /** Opens a file in the person's editor and waits until it is closed; absent where nobody is there. */
  runEditor?: (file: string) => Promise<void>;
  /** Where the wizard asks; absent where nobody is there. */
  terminal?: Terminal;
  /** Default: the system this runs on. */
  platform?: NodeJS.Platform;
  /** The program that `start` runs in the background, with its arguments up to the command. */
  program: string[];
  /** Default: the server itself. */
  startServer?: typeof startServer;
  /** The machine that doctor looks at; default: this one. */
  system?: System;
  /** Calls back at each signal to end; returns how to stop listening. */
  onSignal: (handler: (signal: NodeJS.Signals) => void) => () => void;
  /** Ends the process at once. */
  exit: (code: number) => void;
}

/** Node makes each of its streams when it is first looked at, which takes a service's start a while: so do we. */
export function createProcessIo(): Io {
  let stdout: NodeJS.WriteStream | undefined;
  return {
    stdout: (text) => void (stdout ??= openStdout()).write(text),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    get isOutTerminal() {
      return process.stdout.isTTY === true;
    },
    get isTerminal() {
      return process.stderr.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
    },
    async readStdin() {
      let text = "";
      process.stdin.setEncoding("utf8");
      for await (const chunk of process.stdin) text += String(chunk);
      return text;
    },
    get readLine() {
      return isAttended() ? readLine : undefined;
    },
    get runEditor() {
      return isAttended() ? runEditor : undefined;
    },
    get terminal() {
      return isAttended() ? { input: process.stdin, output: process.stderr } : undefined;
    },
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
    onSignal(handler) {
      // Windows knows no SIGTERM, but closes a console with SIGHUP or SIGBREAK.
      const signals: NodeJS.Signals[] = [
        "SIGINT",
        "SIGTERM",
        process.platform === "win32" ? "SIGBREAK" : "SIGHUP",
      ];
      for (const signal of signals) process.on(signal, handler);
      return () => {
        for (const signal of signals) process.off(signal, handler);
      };
    },
    exit: (code) => process.exit(code),
  };
}

function openStdout(): NodeJS.WriteStream {
  // A reader that stops early, such as `head`, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  return process.stdout;
}

const isAttended = (): boolean => process.stderr.isTTY && process.stdin.isTTY;

async function readLine(question: string): Promise<string> {
  const { createInterface } = await import("node:readline");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      const interrupt = (): void =>
        reject(new CliError("interrupted", "interrupted; nothing was changed", "run it again"));
      reader.once("SIGINT", interrupt);
      // The end of the input is no answer.
      reader.once("close", interrupt);
      reader.question(question, resolve);
    });
  } finally {
    reader.close();
  }
}

/** $VISUAL, else $EDITOR, which may have flags of their own. */
async function runEditor(file: string): Promise<void> {
  const { spawn } = await import("node:child_process");
  const isWindows = process.platform === "win32";
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || (isWindows ? "notepad" : "vi");
  const [program = "", ...flags] = editor.split(" ").filter(Boolean);
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...flags, file], { stdio: "inherit", shell: isWindows });
    child.once("error", () =>
      reject(new CliError("not-possible", `there is no editor "${program}"`, "set VISUAL or EDITOR to one")),
    );
    child.once("exit", (code) =>
      code === 0
        ? resolve()
        : reject(new CliError("declined", `the editor ended with ${code}`, "nothing was changed")),
    );
  });
}
