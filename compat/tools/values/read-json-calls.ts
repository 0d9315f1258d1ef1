import { isObject, type Json } from "../../../adapters/validate.ts";
import { repairByLibrary } from "../../repair-json.ts";
import { FORBIDDEN } from "../arguments.ts";
import type { BlockContext, ReadCall, SpanReading } from "../block.ts";
import { LargeInteger } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";

/**
 * The calls in a text of JSON values: one after another, in an array, or in whatever wrapping models give them.
 * "cut" when the text ends inside a value and `closed` does not say that it is whole; with `end` when other text follows.
 */
export function readJsonCalls(body: string, closed: boolean, context: BlockContext): SpanReading {
  const text = body.trim();
  const lead = body.length - body.trimStart().length;
  if (text === "") return closed ? [] : "cut";
  const quick = parseQuick(text);
  if (quick !== undefined) return toCalls(quick, context);
  const calls: ReadCall[] = [];
  let tools: readonly string[] | undefined;
  const isKey = (key: string): boolean => {
    tools ??= toolsIn(text, context);
    return CALL_KEYS.has(key) || context.isArgument(key, tools.length ? tools : undefined);
  };
  let at = 0;
  for (;;) {
    at = skipBetween(text, at);
    const character = text[at];
    if (character === undefined) break;
    if (character !== "{" && character !== "[" && character !== '"' && character !== "/") {
      // Words behind a complete call are a model's afterthought; before it they say this is no call.
      return calls.length ? { calls, end: lead + at } : undefined;
    }
    let doubtful = false;
    const reading = parseJson(text, at, {
      isKey,
      onDoubt: () => {
        doubtful = true;
      },
    });
    if (!reading) return closed && !doubtful && calls.length === 0 ? readRepaired(text, context) : undefined;
    if (reading.cut && !(closed && closable(text))) return closed ? undefined : "cut";
    const found = toCalls(reading.value, context);
    if (!found) return calls.length ? { calls, end: lead + at } : undefined;
    const repairs = [...reading.repairs];
    calls.push(...(repairs.length ? found.map((call) => ({ ...call, repairs })) : found));
    at = reading.end;
  }
  return calls;
}

/** The tools a text of calls names: only their arguments can stand in it. */
function toolsIn(text: string, context: BlockContext): string[] {
  const found = new Set<string>();
  for (const [, written = ""] of text.matchAll(
    /["'](?:tool_)?name["']\s{0,8}:\s{0,8}["']([^"'\n]{1,128})["']/g,
  )) {
    const tool = context.names.resolve(written);
    if (tool) found.add(tool.name);
    if (found.size > 16) return [];
  }
  return [...found];
}

/** The last resort for text that is whole: what a library that knows more kinds of damage makes of it. */
function readRepaired(text: string, context: BlockContext): ReadCall[] | undefined {
  const repaired = /[}\]]$/.test(text) ? repairByLibrary(text) : undefined;
  const calls = repaired && toCalls(repaired.value, context);
  return calls?.map((call) => ({ ...call, repairs: repaired?.repairs }));
}

/** The calls one parsed value stands for; `undefined` when it is none. */
export function toCalls(value: unknown, context: BlockContext, depth = 0): ReadCall[] | undefined {
  if (depth > 6) return undefined;
  if (typeof value === "string") {
    const inner = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
    return inner && !inner.cut ? toCalls(inner.value, context, depth + 1) : undefined;
  }
  if (Array.isArray(value)) {
    const calls: ReadCall[] = [];
    for (const item of value) {
      const found = toCalls(item, context, depth + 1);
      if (!found) return undefined;
      calls.push(...found);
    }
    return calls;
  }
  if (!isObject(value) || value instanceof LargeInteger) return undefined;
  return toObjectCalls(value, context, depth);
}

function toObjectCalls(value: Json, context: BlockContext, depth: number): ReadCall[] | undefined {
  for (const key of LIST_KEYS) {
    if (Object.hasOwn(value, key) && Array.isArray(value[key]))
      return toCalls(value[key], context, depth + 1);
  }
  for (const key of ["function", "function_call", "tool_call"]) {
    const inner = own(value, key);
    if (isObject(inner) && nameOf(inner) !== undefined) return toObjectCalls(inner, context, depth + 1);
  }
  const name = nameOf(value);
  if (name !== undefined) {
    const argsKey = ARGS_KEYS.find((key) => Object.hasOwn(value, key) && key !== name.key);
    if (argsKey !== undefined) return [{ name: name.value, args: { kind: "value", value: value[argsKey] } }];
    return [{ name: name.value, args: { kind: "value", value: flattened(value, name, context) } }];
  }
  const keys = Object.keys(value);
  if (
    keys.length &&
    keys.every((key) => context.names.resolve(key) && (isObject(value[key]) || value[key] === null))
  ) {
    return keys.map((key) => ({ name: key, args: { kind: "value", value: value[key] } }));
  }
  // A call without a name, so that it is refused with what it holds.
  if (keys.some((key) => FORBIDDEN.has(key))) return [{ name: "", args: { kind: "value", value } }];
  return undefined;
}

/** Arguments written next to the name, where the tool has such. */
function flattened(value: Json, name: { key: string; value: string }, context: BlockContext): Json {
  const tool = context.names.resolve(name.value);
  const schema = tool && context.schemaOf(tool.name);
  const properties = isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  const members = Object.entries(value).filter(([key]) => key !== name.key && Object.hasOwn(properties, key));
  return Object.fromEntries(members);
}

function nameOf(value: Json): { key: string; value: string } | undefined {
  for (const key of NAMES) {
    const name = own(value, key);
    if (typeof name === "string" && name !== "") return { key, value: name };
  }
  return undefined;
}

const own = (value: Json, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

/** JSON as it should be. Large integers go the slow way, which keeps them. */
function parseQuick(text: string): unknown {
  if (/\d{16}/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Past blanks, separators, surplus closers and fence lines between values. */
function skipBetween(text: string, from: number): number {
  let at = from;
  for (;;) {
    const character = text[at];
    if (character === undefined) return at;
    if (character <= " " || (',;]})"'.includes(character) && from > 0)) at++;
    else if (text.startsWith("```", at)) {
      at += 3;
      while (/[\w-]/.test(text[at] ?? "")) at++;
    } else return at;
  }
}

/** Only brackets are missing: the text ends with a value, not inside a string. */
const closable = (text: string): boolean => /(?:[}\]"\d]|true|false|null)$/.test(text.slice(-8));

const NAMES = ["name", "tool_name", "tool", "function", "function_name", "action", "recipient_name"];
const ARGS_KEYS = [
  "arguments",
  "parameters",
  "args",
  "params",
  "input",
  "tool_input",
  "action_input",
  "kwargs",
];
const LIST_KEYS = ["tool_calls", "calls", "tool_uses"];

/** First keys a bare JSON call may begin with, besides the tools' own names. */
export const CALL_KEYS: ReadonlySet<string> = new Set([
  ...NAMES,
  ...ARGS_KEYS,
  ...LIST_KEYS,
  "id",
  "type",
  "tool_call_id",
  "function_call",
  "tool_call",
  "index",
]);

export const NAME_KEYS: ReadonlySet<string> = new Set(NAMES);
