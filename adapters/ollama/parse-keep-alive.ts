import { refuse } from "../go-json.ts";
import { parseGoDuration } from "../go-time.ts";
import { isObject } from "../validate.ts";

/** Checks `keep_alive` (seconds, or a Go duration; negative: for ever) and gives it in seconds. */
export function parseKeepAlive(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  if (typeof value === "string") return parseGoDuration(value);
  const type = Array.isArray(value) ? "[]interface {}" : isObject(value) ? "map[string]interface {}" : "bool";
  throw refuse(`Unsupported type: '${type}'`);
}
