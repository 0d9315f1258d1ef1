import type { Json } from "../validate.ts";

/**
 * A field by its camelCase name, or by its snake_case form: the API reads both, and clients write both. `null` counts
 * as absent.
 */
export function readField(object: Json, name: string): unknown {
  return object[name] ?? object[toSnake(name)] ?? undefined;
}

/** The key under which `object` has the field; its camelCase name where it has none. */
export function findKey(object: Json, name: string): string {
  if (object[name] !== undefined && object[name] !== null) return name;
  const snake = toSnake(name);
  return object[snake] !== undefined && object[snake] !== null ? snake : name;
}

/** Both spellings of every name, for telling known fields from others. */
export const bothSpellings = (...names: string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => [name, toSnake(name)]));

/** Asked for the same few names again and again, with every event of a stream. */
export function toSnake(name: string): string {
  let snake = SNAKES.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (SNAKES.size < MOST && name.length <= LONGEST) SNAKES.set(name, snake);
  }
  return snake;
}

const SNAKES = new Map<string, string>();
const MOST = 500;
/** Characters: providers choose them. */
const LONGEST = 64;
