import { isObject, type Json } from "../validate.ts";
import { findKey, readField } from "./read-field.ts";
import { NO_SIGNATURE, openThought } from "./seal-thought.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * The body without what another protocol's provider signed: clients send it back, and Gemini reads no signatures but
 * its own. On calls the agreed placeholder stands in for it, because Gemini 3 refuses a call without any.
 */
export function dropForeignThoughts(body: Json): Json {
  if (!Array.isArray(body.contents)) return body;
  const listed: unknown[] = body.contents;
  const contents = listed.flatMap((content) => {
    if (!isObject(content) || !Array.isArray(content.parts) || !content.parts.some(isForeign))
      return [content];
    const parts = content.parts.flatMap((part: unknown) =>
      isForeign(part) && isObject(part) ? unseal(part) : [part],
    );
    return parts.length ? [Object.assign({}, content, { parts })] : [];
  });
  return contents.every((content, index) => content === listed[index]) && contents.length === listed.length
    ? body
    : { ...body, contents };
}

function isForeign(part: unknown): boolean {
  if (!isObject(part)) return false;
  const seal = openThought(readField(part, "thoughtSignature"));
  return seal?.signature !== undefined && seal.signature.origin !== PROTOCOL;
}

function unseal(part: Json): Json[] {
  const key = findKey(part, "thoughtSignature");
  if (readField(part, "functionCall") !== undefined) return [{ ...part, [key]: NO_SIGNATURE }];
  const { [key]: _seal, ...rest } = part;
  return part.thought === true || part.text === "" ? [] : [rest];
}
