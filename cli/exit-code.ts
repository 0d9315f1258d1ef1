/** What the program's exit codes mean; scripts depend on them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  portTaken: 3,
  configRefused: 4,
  unauthorised: 5,
  unreachable: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure with its exit code; the message is shown as it is. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

/** The exit code of anything that was thrown. */
export function toExitCode(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  switch ((error as { code?: unknown } | null)?.code) {
    case "EADDRINUSE":
      return EXIT.portTaken;
    case "CONFIG_REFUSED":
      return EXIT.configRefused;
    default:
      return EXIT.failure;
  }
}
