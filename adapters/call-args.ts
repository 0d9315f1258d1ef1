import { isObject } from "./validate.ts";

/**
 * A call's arguments as an object, for protocols that write them so. Text that is no JSON object is kept whole
 * under `input`: a past call that a client sends back must never be lost or refused.
 */
export function toArgsObject(args: string): Record<string, unknown> {
  if (args.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(args);
    if (isObject(value)) return value;
    // Some clients encode the object twice.
    if (typeof value === "string") return toArgsObject(value);
    if (value === null) return {};
  } catch {
    // fall through
  }
  return { input: args };
}

/** JSON text of arguments a protocol gave as a value: objects are written out, text is taken as JSON already. */
export function toArgsText(value: unknown): string {
  if (value === undefined || value === null) return "{}";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Arguments of a finished call as JSON text; a call without arguments becomes `{}`. */
export const completeArgs = (args: string): string => (args.trim() === "" ? "{}" : args);
