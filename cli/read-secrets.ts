import { CliError } from "./exit-code.ts";
import type { Io } from "./io.ts";

/**
 * Secrets as flags give them: references (`env:NAME`, `file:PATH`) stay, `-` stands for the lines of standard input. A
 * secret in the command line itself is refused: every user of the machine sees it, and shells write it down.
 */
export async function readSecrets(
  flag: string,
  values: readonly string[],
  { readStdin }: Pick<Io, "readStdin">,
): Promise<string[]> {
  if (values.some((value) => value !== "-" && !/^(?:env|file):/.test(value))) {
    throw new CliError(
      "literal-secret",
      `--${flag} does not take the secret itself, which every user of this machine could see`,
      `give env:NAME, file:PATH, or - and the secret on standard input`,
    );
  }
  if (!values.includes("-")) return [...values];
  const given = (await readStdin())
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (given.length === 0)
    throw new CliError("missing-argument", "standard input is empty", `pipe the secret of --${flag} into it`);
  return values.flatMap((value) => (value === "-" ? given : [value]));
}
