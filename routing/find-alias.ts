import { withoutLatest } from "../adapters/model-tag.ts";
import { isGlob, matchesGlob, specificity } from "./glob.ts";

/** The alias of a group that a model name means: exact first, then the most specific glob, both case-insensitive. */
export interface AliasIndex {
  find: (name: string) => string | undefined;
  /** Names that can be listed: the aliases that are no patterns. */
  exact: readonly string[];
  globs: readonly string[];
}

/** Built once per configuration, so that a lookup of an exact name costs the same with 10 aliases and with 10,000. */
export function createAliasIndex(aliases: readonly string[]): AliasIndex {
  const exact = new Map<string, string>();
  const globs: string[] = [];
  for (const alias of aliases) {
    if (isGlob(alias)) globs.push(alias);
    else exact.set(alias.toLowerCase(), alias);
  }
  globs.sort((a, b) => specificity(b) - specificity(a) || b.length - a.length);
  return {
    exact: [...exact.values()],
    globs,
    find: (name) => {
      // Ollama clients write the tag out, or leave it out: `name:latest` is `name`.
      const asked = name.toLowerCase();
      const bare = withoutLatest(asked);
      return (
        exact.get(asked) ??
        exact.get(bare) ??
        exact.get(`${bare}:latest`) ??
        globs.find((glob) => matchesGlob(glob, asked) || (bare !== asked && matchesGlob(glob, bare)))
      );
    },
  };
}
