import { openSignature } from "../signature.ts";
import { isObject, type Json } from "../validate.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * The body without thoughts that another protocol's provider signed: clients send them back, and Claude refuses
 * signatures that are not its own. Thoughts without any signature stay, as imitators of Claude want theirs back.
 */
export function dropForeignThoughts(body: Json): Json {
  if (!Array.isArray(body.messages)) return body;
  const listed: unknown[] = body.messages;
  const messages = listed.flatMap((message) => {
    if (!isObject(message) || !Array.isArray(message.content) || !message.content.some(isForeign))
      return [message];
    const content: unknown[] = message.content.filter((block) => !isForeign(block));
    return content.length ? [Object.assign({}, message, { content })] : [];
  });
  const isSame =
    messages.length === listed.length && messages.every((message, index) => message === listed[index]);
  return isSame ? body : { ...body, messages };
}

function isForeign(block: unknown): boolean {
  if (!isObject(block)) return false;
  const seal =
    block.type === "thinking" ? block.signature : block.type === "redacted_thinking" ? block.data : undefined;
  return typeof seal === "string" && openSignature(seal, PROTOCOL).origin !== PROTOCOL;
}
