import { sealSignature } from "../signature.ts";
import type { Citation } from "../unified.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * A citation as Claude's clients know it, if there is a form for it. A page another provider found is told as a web
 * search's; the index that only Anthropic can make says in our seal whose it is, so that it never reaches Anthropic.
 * Sources without an address have no form: all others name a document of the request by its number.
 */
export function writeCitation({ url, title, quote, native }: Citation): unknown[] {
  if (native?.origin === PROTOCOL) return [native.body];
  if (url === undefined) return [];
  const seal = { origin: native?.origin ?? "", value: "" };
  return [
    {
      type: "web_search_result_location",
      cited_text: quote ?? "",
      url,
      // The AI SDK takes no null here.
      title: title ?? url,
      encrypted_index: sealSignature(seal, PROTOCOL),
    },
  ];
}

/** For a past turn that goes back to Claude: only what Claude itself cited. */
export const toOwnCitations = (citations: readonly Citation[] | undefined): { citations?: unknown[] } => {
  const own = (citations ?? []).flatMap(({ native }) => (native?.origin === PROTOCOL ? [native.body] : []));
  return own.length ? { citations: own } : {};
};
