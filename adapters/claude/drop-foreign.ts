import { openSignature } from "../signature.ts";
import { isObject, type Json } from "../validate.ts";
import { isForeignCitation } from "./read-citation.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * The body without thoughts that another protocol's provider signed, and without the pages it cited: clients send them
 * back, and Claude refuses signatures and indexes that are not its own. Thoughts without any signature stay, as
 * imitators of Claude want theirs back.
 */
export function dropForeign(body: Json): Json {
  if (!Array.isArray(body.messages)) return body;
  const listed: unknown[] = body.messages;
  const messages = listed.flatMap((message) => {
    if (!isObject(message) || !Array.isArray(message.content)) return [message];
    const blocks: unknown[] = message.content;
    if (!blocks.some((block) => isForeign(block) || citesForeign(block))) return [message];
    const content = blocks.filter((block) => !isForeign(block)).map(withoutForeignCitations);
    return content.length ? [Object.assign({}, message, { content })] : [];
  });
  const isSame =
    messages.length === listed.length && messages.every((message, index) => message === listed[index]);
  return isSame ? body : { ...body, messages };
}

const isForeignSource = (citation: unknown): boolean => isObject(citation) && isForeignCitation(citation);

const citesForeign = (block: unknown): block is Json & { citations: unknown[] } =>
  isObject(block) && Array.isArray(block.citations) && block.citations.some(isForeignSource);

function withoutForeignCitations(block: unknown): unknown {
  if (!citesForeign(block)) return block;
  const { citations, ...rest } = block;
  const own = citations.filter((citation) => !isForeignSource(citation));
  return own.length ? { ...rest, citations: own } : rest;
}

function isForeign(block: unknown): boolean {
  if (!isObject(block)) return false;
  const seal =
    block.type === "thinking" ? block.signature : block.type === "redacted_thinking" ? block.data : undefined;
  return typeof seal === "string" && openSignature(seal, PROTOCOL).origin !== PROTOCOL;
}
