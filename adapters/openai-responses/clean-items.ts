import { openSignature } from "../signature.ts";
import { isObject, type Json } from "../validate.ts";
import { openCompaction } from "./compaction.ts";
import { toResponseId } from "./item-id.ts";
import { itemType } from "./parse-input.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * The body as its provider may get it when parts of its conversation were answered by others: without the thoughts
 * those sealed, and without the ids of items that were made here, which a provider would look for in vain.
 */
export function cleanItems(body: Json): Json {
  if (!Array.isArray(body.input)) return body;
  const listed: unknown[] = body.input;
  const input = listed.flatMap((item) => (isObject(item) ? cleanItem(item) : [item]));
  const isSame = input.length === listed.length && input.every((item, index) => item === listed[index]);
  return isSame ? body : { ...body, input };
}

/** An item without what its provider could not know; none where nothing is left. */
export function cleanItem(item: Json): Json[] {
  const type = itemType(item);
  const own = toResponseId(item.id) !== undefined;
  if (type === "reasoning") {
    const sealed = item.encrypted_content;
    const foreign = typeof sealed === "string" ? openSignature(sealed, PROTOCOL).origin !== PROTOCOL : own;
    if (foreign) return [];
  }
  const summary = type === "compaction" ? openCompaction(item) : undefined;
  if (summary !== undefined)
    return [{ type: "message", role: "user", content: [{ type: "input_text", text: summary }] }];
  if (!own || !ID_FREE.has(type)) return [item];
  const { id: _, ...rest } = item;
  return [rest];
}

/** Items that need no id where their content is given. */
const ID_FREE = new Set(["message", "reasoning", "function_call", "custom_tool_call"]);
