/** What the program's exit codes mean; scripts depend on them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  portTaken: 3,
  configRefused: 4,
  unauthorised: 5,
  unreachable: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every kind of failure: its exit code, what it means, and what helps. `docs/cli.md` has a place for each. */
export const ERRORS = {
  "unknown-command": {
    exit: EXIT.usage,
    meaning: "There is no such command.",
    remedy: "`ccproxy --help` lists the commands.",
  },
  "unknown-flag": {
    exit: EXIT.usage,
    meaning: "The command has no such flag.",
    remedy: "Its `--help` lists the flags. What follows `--` is never read as a flag.",
  },
  "bad-value": {
    exit: EXIT.usage,
    meaning: "A flag or word has a value that cannot be used.",
    remedy: "The message says what was expected.",
  },
  "missing-argument": {
    exit: EXIT.usage,
    meaning: "A word or flag that the command needs was not given, or not its value.",
    remedy: "Its `--help` shows an example.",
  },
  "unexpected-argument": {
    exit: EXIT.usage,
    meaning: "More was given than the command takes.",
    remedy: "Quote names with spaces or `*`; its `--help` shows an example.",
  },
  "conflicting-flags": {
    exit: EXIT.usage,
    meaning: "Flags that do not go together, or one without the other that it needs.",
    remedy: "The message names them.",
  },
  "literal-secret": {
    exit: EXIT.usage,
    meaning: "A secret was written into the command line, where every user of the machine sees it.",
    remedy: "Give `env:NAME`, `file:PATH`, or `-` and the secret on standard input.",
  },
  "needs-answer": {
    exit: EXIT.usage,
    meaning: "The command would ask something, and nobody is there to answer.",
    remedy: "`--yes` agrees beforehand; or run it in a terminal without `--no-input`.",
  },
  "not-found": {
    exit: EXIT.failure,
    meaning: "There is no provider, group, model, key or field of that name.",
    remedy: "The message says what was probably meant, or what there is.",
  },
  "already-exists": {
    exit: EXIT.failure,
    meaning: "The name is taken.",
    remedy: "Change what is there with `edit`, or take another name.",
  },
  "in-use": {
    exit: EXIT.failure,
    meaning: "Something else still needs what is to be removed or replaced.",
    remedy: "The message names it; change that first, or use the flag it tells.",
  },
  "no-file": {
    exit: EXIT.failure,
    meaning: "A file that is needed is not there, or cannot be read.",
    remedy: "Check the path; `ccproxy config path` prints where the configuration is.",
  },
  "bad-file": {
    exit: EXIT.failure,
    meaning: "A file does not hold what was expected.",
    remedy: "The message says what and where.",
  },
  "no-permission": {
    exit: EXIT.failure,
    meaning: "The system refuses access to a file or folder.",
    remedy: "Make yourself its owner, or set CCPROXY_HOME to a folder of your own.",
  },
  "disk-full": {
    exit: EXIT.failure,
    meaning: "The disk is full or a quota is used up; the file is as it was.",
    remedy: "Make room and run the command again.",
  },
  "not-installed": {
    exit: EXIT.failure,
    meaning: "A program that is to be run is not on the PATH.",
    remedy: "The message says how it is installed.",
  },
  "not-possible": {
    exit: EXIT.failure,
    meaning: "What was asked for cannot be done as things are.",
    remedy: "The message says why.",
  },
  declined: {
    exit: EXIT.failure,
    meaning: "The question was answered with no; nothing was changed.",
    remedy: "Run it again, or give `--yes`.",
  },
  "daemon-busy": {
    exit: EXIT.failure,
    meaning: "The daemon does not end, or does not start, in the time it was given.",
    remedy: "`ccproxy logs` shows what it does; `ccproxy stop --force` ends it.",
  },
  "daemon-failed": {
    exit: EXIT.failure,
    meaning: "The daemon answered with an error.",
    remedy: "`ccproxy logs` shows more.",
  },
  "provider-failed": {
    exit: EXIT.failure,
    meaning: "A provider did not answer, or answered with an error.",
    remedy: "`ccproxy provider list` shows address and keys; `ccproxy status` shows who rests.",
  },
  "checks-failed": {
    exit: EXIT.failure,
    meaning: "`ccproxy doctor` found something wrong.",
    remedy: "Each finding says what helps; `ccproxy doctor --fix` mends what can be mended without harm.",
  },
  "port-taken": {
    exit: EXIT.portTaken,
    meaning: "Another program listens on the port.",
    remedy: "End it, or listen on another port with `--port`.",
  },
  "config-refused": {
    exit: EXIT.configRefused,
    meaning: "The configuration cannot be used, or a change would make it so; nothing was changed.",
    remedy: "`ccproxy config validate` shows everything that is wrong, with its line.",
  },
  unauthorised: {
    exit: EXIT.unauthorised,
    meaning: "The daemon or a provider does not take the key or token.",
    remedy: "`ccproxy restart` makes daemon and token agree; for a client key see `ccproxy key list`.",
  },
  "daemon-unreachable": {
    exit: EXIT.unreachable,
    meaning: "No daemon runs, or it does not answer.",
    remedy: "`ccproxy start` starts it.",
  },
  interrupted: {
    exit: EXIT.interrupted,
    meaning: "Ended by Ctrl-C.",
    remedy: "Run it again.",
  },
  unexpected: {
    exit: EXIT.failure,
    meaning: "A failure that nobody has foreseen.",
    remedy: "Run it again; if it stays, report it with the command line and the message.",
  },
} as const satisfies Record<string, { exit: ExitCode; meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A failure of a command: what was wrong, and what to do next, each shown as it is. */
export class CliError extends Error {
  readonly code: ErrorCode;
  readonly next: string;

  /** `next` is a whole clause: `'ccproxy start' starts it`. */
  constructor(code: ErrorCode, message: string, next: string) {
    super(message);
    this.name = "CliError";
    this.code = code;
    this.next = next;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit;
  }

  /** Where the documentation speaks of it. */
  get docs(): string {
    return `docs/cli.md#${this.code}`;
  }
}

/** Anything that was thrown, as a failure with its code and what helps. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [code, next] = KNOWN[String((error as { code?: unknown } | null)?.code)] ?? UNKNOWN;
  return new CliError(code, message, next);
}

const UNKNOWN: [ErrorCode, string] = [
  "unexpected",
  "run it again; if it stays, report it with the command line and this message",
];

const KNOWN: Record<string, [ErrorCode, string]> = {
  EADDRINUSE: ["port-taken", "end what holds the port, or listen on another one with --port"],
  CONFIG_REFUSED: [
    "config-refused",
    "'ccproxy config validate' shows everything that is wrong, with its line",
  ],
  ENOENT: ["no-file", "check the path"],
  ENOTDIR: ["no-file", "check the path"],
  EISDIR: ["bad-file", "give a file, not a folder"],
  EACCES: ["no-permission", "make yourself its owner, or set CCPROXY_HOME to a folder of your own"],
  EPERM: ["no-permission", "make yourself its owner, or set CCPROXY_HOME to a folder of your own"],
  EROFS: ["no-permission", "set CCPROXY_HOME to a folder that can be written to"],
  ENOSPC: ["disk-full", "make room and run the command again"],
  EDQUOT: ["disk-full", "make room and run the command again"],
};
