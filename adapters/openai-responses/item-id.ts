import type { WriteContext } from "../adapter.ts";

/**
 * The id of an answer's item. It holds the id of its answer, so that a later request's `item_reference` tells by
 * itself where to look.
 */
export const writeItemId = (prefix: string, context: WriteContext, index: number): string =>
  `${prefix}_${context.id}${index}`;

/** The id under which an item of the conversation before an answer is listed where its client gave it none. */
export const writeInputId = (prefix: string, responseId: string, index: number): string =>
  `${prefix}_${responseId.slice(RESPONSE.length)}i${index}`;

export const writeResponseId = (context: WriteContext): string => `${RESPONSE}${context.id}`;

/** Whether an answer's id is one of ours: those of providers need not be looked for. */
export const isOwnResponse = (id: unknown): id is string => typeof id === "string" && OWN_RESPONSE.test(id);

/** The id of the answer that an item of ours belongs to; undefined: it is not one of ours. */
export function toResponseId(itemId: unknown): string | undefined {
  const own = typeof itemId === "string" ? OWN_ITEM.exec(itemId)?.[1] : undefined;
  return own === undefined ? undefined : RESPONSE + own;
}

const RESPONSE = "resp_";
const OWN_RESPONSE = /^resp_[0-9A-Za-z]{24}$/;
/** Far shorter than OpenAI's own ids. */
const OWN_ITEM = /^[a-z]{2,4}_([0-9A-Za-z]{24})i?\d{1,4}$/;
