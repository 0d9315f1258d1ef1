import { isObject, type Json } from "../validate.ts";

/** Objects that were told in several pieces, as one: in each of their fields what came later counts. */
export function mergeFields(one: Json, other: Json): Json {
  const merged = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = merged[name];
    merged[name] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
  return merged;
}
