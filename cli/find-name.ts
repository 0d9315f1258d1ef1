import { suggest } from "../storage/suggest.ts";
import { CliError } from "./exit-code.ts";

/** The entry of a table by its name, whatever the case; a failure that says what was probably meant. */
export function findName(kind: string, name: string, table: Record<string, unknown>): string {
  const names = Object.keys(table);
  const found =
    names.find((known) => known === name) ??
    names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new CliError("not-found", `there is no ${kind} "${name}"`, hint(kind, name, names));
}

/** A failure if the name is taken. */
export function refuseTaken(kind: string, name: string, table: Record<string, unknown>): void {
  const taken = Object.keys(table).find((known) => known.toLowerCase() === name.toLowerCase());
  if (taken === undefined) return;
  throw new CliError(
    "already-exists",
    `there already is a ${kind} "${taken}"`,
    `'ccproxy ${kind} edit ${taken}' changes it`,
  );
}

function hint(kind: string, name: string, names: string[]): string {
  const meant = suggest(name, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return names.length === 0 ? `there is no ${kind} at all yet` : `there is ${names.slice(0, 8).join(", ")}`;
}
