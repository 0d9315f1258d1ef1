import type { Health } from "../routing/health.ts";

/**
 * Lets everybody be asked again, or all that a name stands for: a provider with its keys and models, a key with its
 * models, a target. Returns the names that rested.
 */
export function clearRests(health: Health, name?: string): string[] {
  const rested = new Set(health.resting().map((resting) => resting.name));
  // What failed, but not often enough to rest, is forgotten as well.
  for (const { name: ill } of health.save()) {
    if (name === undefined || isPartOf(ill, name)) health.clear(ill);
    else rested.delete(ill);
  }
  return [...rested];
}

/** `openrouter#2 qwen/qwen3` is a part of `openrouter#2`, and that of `openrouter`. */
export const isPartOf = (name: string, whole: string): boolean =>
  name === whole || ["#", "/", " "].some((mark) => name.startsWith(whole + mark));
