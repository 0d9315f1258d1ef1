import { openSignature } from "../signature.ts";
import type { Citation } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { firstWord } from "./first-word.ts";
import { PROTOCOL } from "./wire.ts";

/** A citation of an answer or of a past turn; one that we wrote for another provider's source loses its wire form. */
export function readCitation(value: unknown, range: { start?: number; end?: number } = {}): Citation[] {
  if (!isObject(value)) return [];
  // A search result that the client gave has a `source`, which is mostly its address.
  const url = [value.url, value.source].find((text) => typeof text === "string" && isAddress(text));
  const title = firstWord(value.title, value.document_title);
  const quote = firstWord(value.cited_text);
  return [
    {
      ...(typeof url === "string" && { url }),
      ...(title !== "" && { title }),
      ...(quote !== "" && { quote }),
      ...range,
      ...(!isForeignCitation(value) && { native: { origin: PROTOCOL, body: value } }),
    },
  ];
}

/** Another provider's source as `writeCitation` tells it: Claude would refuse its index. */
export const isForeignCitation = (citation: Json): boolean =>
  typeof citation.encrypted_index === "string" &&
  openSignature(citation.encrypted_index, PROTOCOL).origin !== PROTOCOL;

const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);
