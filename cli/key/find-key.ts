import type { Config, KeyConfig } from "../../storage/types.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";

/** The id of a key by its id or its name. */
export function findKey(asked: string, keys: Config["keys"]): string {
  if (Object.hasOwn(keys, asked)) return asked;
  const named = Object.entries(keys).filter(([, key]) => key.name.toLowerCase() === asked.toLowerCase());
  if (named.length > 1) {
    const ids = named.map(([id]) => id).join(", ");
    throw new CliError("not-found", `several keys are named "${asked}": ${ids}`, "give the id");
  }
  if (named[0]) return named[0][0];
  return findName(
    "key",
    asked,
    Object.fromEntries(Object.entries(keys).map(([id, key]) => [key.name || id, key])),
  );
}

/** A key as it may be shown: without its hash. */
export function toShown(id: string, key: KeyConfig): Record<string, unknown> {
  const shown: Record<string, unknown> = { id, ...key, enabled: key.enabled !== false };
  delete shown["hash"];
  return shown;
}
