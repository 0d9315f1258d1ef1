import type { ArgDef } from "citty";
import type { Invocation } from "./command.ts";
import { CliError } from "./exit-code.ts";
import { toWords } from "./to-value.ts";

export const unsetArg = {
  type: "string",
  valueHint: "field",
  description: "Remove a field, so that its default counts.",
} satisfies ArgDef;

/** The fields that --unset names, each one of `known`. */
export function unset({ list }: Invocation, known: readonly string[]): string[] {
  const fields = toWords(list("unset") ?? []);
  const wrong = fields.find((field) => !known.includes(field));
  if (wrong === undefined) return fields;
  throw new CliError(
    "bad-value",
    `--unset: expected one of ${known.join(", ")}, got "${wrong}"`,
    "give one of these",
  );
}
