import type { Call, StoredAnswer } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { invalid, type Json } from "../validate.ts";
import { listInput } from "./expand.ts";

/** The routes below /v1/responses/{id}: the response again, its input, its removal. */
export function answerStored(
  call: Call,
  stored: StoredAnswer | undefined,
): { body: unknown; remove?: boolean } {
  if (!stored) throw notFound(call.params.id ?? "");
  switch (call.variant) {
    case "delete":
      return { body: { id: stored.id, object: "response", deleted: true }, remove: true };
    case "input-items":
      return { body: listPage(listInput(stored), call.query) };
    case "cancel":
      // Nothing runs in the background here, so that there is nothing to cancel once an answer is kept.
      throw new GatewayError("invalid-request", "Cannot cancel a synchronous response.", {
        param: "response_id",
      });
    default:
      if (call.query.get("stream") === "true") {
        throw new GatewayError("unsupported", "stream: a kept response is given back whole; leave it out", {
          param: "stream",
        });
      }
      return { body: stored.answer };
  }
}

function notFound(id: string): GatewayError {
  return new GatewayError(
    "not-found",
    `Response with id '${id.slice(0, 100)}' not found. Only responses that were converted from a provider of another protocol are kept here, for some days, unless "store" was false; ask the provider for its own.`,
  );
}

/** One page of a list, newest first unless asked otherwise. */
function listPage(items: Json[], query: URLSearchParams): Json {
  const sorted = query.get("order") === "asc" ? items : items.toReversed();
  const after = query.get("after");
  const start = after === null ? 0 : sorted.findIndex((item) => item.id === after) + 1;
  if (after !== null && start === 0) throw invalid("after", "the id of an item in this list", after);
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw invalid("limit", "integer from 1 to 100", query.get("limit"));
  const data = sorted.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < sorted.length,
  };
}
