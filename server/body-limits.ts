import { GatewayError } from "../adapters/errors.ts";
import { perFrozen } from "../adapters/per-frozen.ts";
import { isObject } from "../adapters/validate.ts";
import type { Tool, UnifiedRequest } from "../adapters/unified.ts";
import { skipString } from "./json-text.ts";

/** What JSON text may hold at most. Far more than any agent sends, far less than what would stop the daemon. */
export const TEXT_LIMITS = {
  /** JSON.stringify overflows the stack where JSON.parse does not. */
  depth: 128,
  /** Of all objects together. */
  keys: 200_000,
  /** Of all lists and objects together, about. */
  values: 1_000_000,
  /** Characters of one string as it is written; in a body of more than 32 Mi, all but 8 Mi of it. */
  string: 24 * 1024 * 1024,
};

/** What a chat may hold at most. */
export const REQUEST_LIMITS = {
  messages: 10_000,
  tools: 512,
  /** Of one tool's schema: objects, lists and plain values in it. */
  schemaNodes: 10_000,
  schemaDepth: 64,
};

/** How much there is in a text. */
export interface Amounts {
  keys: number;
  values: number;
}

/**
 * Throws `invalid-request` for JSON text that would cost too much to read, without reading it: strings are skipped
 * whole, so that it costs little beside parsing. Text that is no JSON is left to the parser. `besides`: what else
 * counts towards the limits. Returns how much there is, all in all.
 */
export function checkText(text: string, besides: Amounts = NOTHING): Amounts {
  let depth = 0;
  let { keys, values } = besides;
  const longest = Math.max(TEXT_LIMITS.string, text.length - 8 * 1024 * 1024);
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = skipString(text, at);
        if (end === -1) return { keys, values };
        if (end - at - 2 > longest) throw tooMuch(`a string in it is longer than ${longest} characters`);
        at = end - 1;
        break;
      }
      case BRACE_OPEN:
      case BRACKET_OPEN:
        if (++depth > TEXT_LIMITS.depth)
          throw tooMuch(`it is nested deeper than ${TEXT_LIMITS.depth} levels`);
        // The first value in it, if there is one; a comma stands before every other.
        values++;
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        depth--;
        break;
      case COLON:
        if (++keys > TEXT_LIMITS.keys) throw tooMuch(`it has more than ${TEXT_LIMITS.keys} keys`);
        break;
      case COMMA:
        values++;
        break;
      default:
    }
    if (values > TEXT_LIMITS.values) throw tooMuch(`it has more than ${TEXT_LIMITS.values} values`);
  }
  return { keys, values };
}

/** Throws `invalid-request` for keys that mean something to JavaScript itself, and to nobody who sends them in good faith. */
export function refuseProtoKeys(text: string, body: unknown): void {
  // An escape may hide any letter. JavaScript's own names and the escape's `u` are written in small letters only.
  if (!text.includes("proto") && !text.includes("\\u00")) return;
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) for (const item of value) open.push(item);
    if (!isObject(value)) continue;
    const { constructor } = value;
    const isTrap = Object.hasOwn(value, "constructor") && isObject(constructor) && "prototype" in constructor;
    if (Object.hasOwn(value, "__proto__") || isTrap)
      throw new GatewayError(
        "invalid-request",
        "request body: '__proto__' and 'constructor.prototype' are refused as keys",
        {
          code: "forbidden_key",
        },
      );
    for (const key of Object.keys(value)) open.push(value[key]);
  }
}

/** Throws `invalid-request` for a chat with more in it than can be served well. */
export function checkRequest({ messages, tools = [] }: UnifiedRequest): void {
  if (messages.length > REQUEST_LIMITS.messages)
    throw tooMuch(`it has more than ${REQUEST_LIMITS.messages} messages`, "messages");
  if (tools.length > REQUEST_LIMITS.tools)
    throw tooMuch(`it has more than ${REQUEST_LIMITS.tools} tools`, "tools");
  checkSchemas(tools);
}

const checkSchemas = perFrozen((tools: readonly Tool[]) => {
  for (const [index, { parameters }] of tools.entries()) checkSchema(parameters, index);
});

function checkSchema(schema: unknown, index: number): void {
  let nodes = 0;
  let level: unknown[] = [schema];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > REQUEST_LIMITS.schemaDepth)
      throw tooMuch(
        `the schema of tool ${index} is nested deeper than ${REQUEST_LIMITS.schemaDepth} levels`,
        `tools[${index}]`,
      );
    nodes += level.length;
    if (nodes > REQUEST_LIMITS.schemaNodes)
      throw tooMuch(
        `the schema of tool ${index} has more than ${REQUEST_LIMITS.schemaNodes} nodes`,
        `tools[${index}]`,
      );
    const below: unknown[] = [];
    for (const value of level) {
      if (Array.isArray(value)) for (const item of value) below.push(item);
      else if (isObject(value)) for (const key of Object.keys(value)) below.push(value[key]);
    }
    level = below;
  }
}

const tooMuch = (what: string, param?: string): GatewayError =>
  new GatewayError("invalid-request", `request body is too much: ${what}`, { code: "body_limit", param });

const NOTHING: Amounts = { keys: 0, values: 0 };
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
