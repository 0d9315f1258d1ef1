import type { StoredAnswer, StoredAnswers } from "../adapter.ts";
import { isObject, type Json, toWord } from "../validate.ts";
import { isOwnResponse, toResponseId, writeInputId } from "./item-id.ts";
import { itemType } from "./parse-input.ts";
import { PREVIOUS } from "./wire.ts";

/** The kept answer a body refers to by `previous_response_id` or `item_reference`, one that was not looked for yet. */
export function findNeeded(body: unknown, found: StoredAnswers): string | undefined {
  if (!isObject(body)) return undefined;
  const previous = body.previous_response_id;
  if (isOwnResponse(previous) && !found.has(previous)) return previous;
  if (!Array.isArray(body.input)) return undefined;
  let known: ReadonlyMap<string, unknown> | undefined;
  // The newest first: it may hold the whole conversation.
  for (const item of body.input.toReversed()) {
    if (!isReference(item)) continue;
    const id = toResponseId(item.id);
    if (id === undefined || found.has(id)) continue;
    known ??= indexItems(found);
    if (!known.has(item.id)) return id;
  }
  return undefined;
}

/** The answer a body goes on with: its provider may have one of that name. */
export function findForeign(body: unknown): string | undefined {
  const previous = isObject(body) ? body.previous_response_id : undefined;
  return typeof previous === "string" ? previous : undefined;
}

/**
 * The body with the conversation in `input` that it only referred to. Instructions are not carried over: OpenAI does
 * not do it either. References to what is not kept stay.
 */
export function expand(body: unknown, found: StoredAnswers): unknown {
  if (!isObject(body)) return body;
  const { previous_response_id: id, ...rest } = body;
  const previous = typeof id === "string" ? found.get(id) : undefined;
  const items = toItems(body.input);
  if (!items) return body;
  const known = indexItems(found);
  // What the previous answer's conversation holds is not said twice.
  const said = previous ? indexItems(new Map([[previous.id, previous]])) : new Map<string, unknown>();
  const input = items.flatMap((item) => {
    if (!isReference(item)) return [item];
    return said.has(item.id) ? [] : [known.get(item.id) ?? item];
  });
  if (previous) return { ...rest, input: [...toConversation(previous), ...input], [PREVIOUS]: previous.id };
  return input.some((item, index) => item !== items[index]) ? { ...body, input } : body;
}

/** What is kept of an answer: nothing where the client says `store: false`. */
export function toStored(body: unknown, answer: unknown): StoredAnswer | undefined {
  if (!isObject(body) || !isObject(answer) || body.store === false) return undefined;
  const input = toItems(body.input);
  return input && typeof answer.id === "string" ? { id: answer.id, input, answer } : undefined;
}

/** An answer's conversation as it is listed: messages in their long form, every item with an id. */
export function listInput({ id, input }: StoredAnswer): Json[] {
  return input.filter(isObject).map((item, index) => {
    const type = itemType(item);
    const listed = { id: writeInputId(PREFIXES.get(type) ?? "item", id, index), type, ...item };
    if (type !== "message" || typeof item.content !== "string") return listed;
    const kind = item.role === "assistant" ? "output_text" : "input_text";
    return { status: "completed", ...listed, content: [{ type: kind, text: item.content }] };
  });
}

function toConversation({ input, answer }: StoredAnswer): unknown[] {
  if (!Array.isArray(answer.output)) return input;
  const output = answer.output as unknown[];
  // A summary stands for all that came before it.
  const isCompacted = output.some((item) => isObject(item) && item.type === "compaction");
  return isCompacted ? output : [...input, ...output];
}

function indexItems(found: StoredAnswers): Map<string, unknown> {
  const items = new Map<string, unknown>();
  for (const stored of found.values()) {
    if (!stored) continue;
    listInput(stored).forEach((item, index) => items.set(toWord(item.id), stored.input[index]));
    for (const item of toConversation(stored))
      if (isObject(item) && !isReference(item) && typeof item.id === "string") items.set(item.id, item);
  }
  return items;
}

/** `input` as a list; undefined where it is no input at all. */
function toItems(input: unknown): unknown[] | undefined {
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  if (input === undefined || input === null) return [];
  return Array.isArray(input) ? input : undefined;
}

const isReference = (item: unknown): item is Json & { id: string } =>
  isObject(item) && typeof item.id === "string" && itemType(item) === "item_reference";

const PREFIXES: ReadonlyMap<string, string> = new Map([
  ["message", "msg"],
  ["function_call", "fc"],
  ["function_call_output", "fco"],
  ["custom_tool_call", "ctc"],
  ["custom_tool_call_output", "ctco"],
  ["reasoning", "rs"],
]);
