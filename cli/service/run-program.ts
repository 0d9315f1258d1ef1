import { execFile } from "node:child_process";
import { CliError } from "../exit-code.ts";
import type { Io } from "../io.ts";

/** Runs a program of the system and returns what it said; a failure with its words unless it `mayFail`. */
export function runProgram(
  io: Io,
  [program = "", ...words]: readonly string[],
  { mayFail = false } = {},
): Promise<{ code: number; out: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { env: io.env, timeout: 20_000, windowsHide: true }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
      if (code === 0 || mayFail) return resolve({ code, out: stdout });
      const isMissing = (error as NodeJS.ErrnoException | null)?.code === "ENOENT";
      reject(
        new CliError(
          "not-possible",
          isMissing
            ? `there is no ${program} here`
            : `${[program, ...words].join(" ")}: ${stderr.trim() || `ended with ${code}`}`,
          isMissing
            ? "'ccproxy start' runs the daemon without a service"
            : "--dry-run shows what would be done",
        ),
      );
    });
  });
}
