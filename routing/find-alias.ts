import { withoutLatest } from "../adapters/model-tag.ts";
import { isGlob, matchesGlob, specificity } from "./glob.ts";

/** The alias of a group that a model name means: exact first, then the most specific glob, both case-insensitive. */
export interface AliasIndex {
  /** `direct` reads the name as a target, which counts for more than a pattern that takes everything. */
  find: (name: string, direct?: (name: string) => string | undefined) => string | undefined;
  /** Names that can be listed: the aliases that are no patterns. */
  exact: readonly string[];
  globs: readonly string[];
}

const fits = (glob: string, asked: string, bare: string): boolean =>
  matchesGlob(glob, asked) || (bare !== asked && matchesGlob(glob, bare));

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
    find: (name, direct) => {
      // Ollama clients write the tag out, or leave it out: `name:latest` is `name`.
      const asked = name.toLowerCase();
      const bare = withoutLatest(asked);
      return (
        exact.get(asked) ??
        exact.get(bare) ??
        exact.get(`${bare}:latest`) ??
        globs.find((glob) => specificity(glob) > 0 && fits(glob, asked, bare)) ??
        direct?.(name) ??
        globs.find((glob) => fits(glob, asked, bare))
      );
    },
  };
}
