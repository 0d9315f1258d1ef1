import type { Tool, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";

export const PROTOCOL = "openai-responses";

/**
 * What `parseRequest` found that the unified format cannot hold, kept in the request's `extra` under a key no body
 * has. It tells whether another protocol may serve the request at all, and what a rebuilt request has lost.
 */
export interface Notes {
  /** Why only a provider of this protocol can serve the request, in a sentence, and the field that says so. */
  onlyNative: { reason: string; param: string }[];
  /** Types of input items and content parts that were left out. */
  unread: string[];
  /** The same for items that a provider of this protocol gets as they are. */
  foreign: string[];
  /** Fields as the client wrote them, which its response gives back. */
  instructions?: string;
  tools?: unknown[];
  toolChoice?: unknown;
  parallel?: boolean;
  /** The conversation is to be replaced by a summary; the user's messages, which stay beside it on the route for that. */
  compact?: { keep: Json[] };
  /** The kept response whose conversation was put into the body. */
  previous?: string;
}

/** Key in an expanded body for the `previous_response_id` it had. A symbol: neither sent on nor to be sent by a client. */
export const PREVIOUS = Symbol("previous response");

/** What stands between texts of different items where they become one. */
export const BREAK = "\n\n";

const NOTES = "ccproxy:notes";

/** The fields of a body of this protocol that the unified format does not model; undefined for other clients. */
export function nativeFields(request: UnifiedRequest): Json | undefined {
  return request.extra?.[PROTOCOL];
}

export function withNotes(fields: Json | undefined, notes: Notes): Json {
  return { ...fields, [NOTES]: notes };
}

export function withoutNotes(fields: Json): Json {
  const { [NOTES]: _, ...rest } = fields;
  return rest;
}

export function readNotes(request: UnifiedRequest): Notes {
  const notes = nativeFields(request)?.[NOTES];
  return isObject(notes) ? (notes as unknown as Notes) : { onlyNative: [], unread: [], foreign: [] };
}

/** The name a client of this protocol knows a tool by: inside a namespace it may differ from the unified name. */
export function nativeName(tool: Tool): string {
  const name = tool.extra?.name;
  return tool.namespace !== undefined && typeof name === "string" ? name : tool.name;
}

export type ItemStatus = "in_progress" | "completed" | "incomplete";
