import { createAliasIndex } from "../routing/find-alias.ts";

/** What a provider's configuration says of a model: an exact name wins over patterns, of those the most specific. */
export function readByModel<T>(facts: Record<string, T> | undefined, model: string): T | undefined {
  if (!facts) return undefined;
  const name = createAliasIndex(Object.keys(facts)).find(model);
  return name === undefined ? undefined : facts[name];
}
