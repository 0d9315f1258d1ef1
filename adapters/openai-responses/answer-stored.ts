import type { Call, StoredAnswer, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { invalid, type Json } from "../validate.ts";
import { listInput } from "./expand.ts";
import { isOwnResponse } from "./item-id.ts";

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
      refuseStream(call);
      return { body: stored.answer };
  }
}

/** The same question to the provider that may have made the response; undefined: its id says that it was made here. */
export function toProvider(call: Call): WireRequest | undefined {
  const { id = "" } = call.params;
  if (isOwnResponse(id)) return undefined;
  refuseStream(call);
  const query = new URLSearchParams([...call.query].filter(([name]) => PASSED.has(name))).toString();
  const path = `/v1/responses/${encodeURIComponent(id)}${PATHS.get(call.variant) ?? ""}`;
  const method = METHODS.get(call.variant) ?? "GET";
  return { method, path: query === "" ? path : `${path}?${query}` };
}

function refuseStream({ query, variant }: Call): void {
  if (variant !== "retrieve" || query.get("stream") !== "true") return;
  throw new GatewayError("unsupported", "stream: a finished response is given back whole; leave it out", {
    param: "stream",
  });
}

function notFound(id: string): GatewayError {
  return new GatewayError(
    "not-found",
    `Response with id '${id.slice(0, 100)}' not found. Responses of providers of another protocol are kept here, for some days, unless "store" was false; others are looked for at the group's own providers.`,
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

const PATHS: ReadonlyMap<string | undefined, string> = new Map([
  ["input-items", "/input_items"],
  ["cancel", "/cancel"],
]);
const METHODS: ReadonlyMap<string | undefined, WireRequest["method"]> = new Map([
  ["delete", "DELETE"],
  ["cancel", "POST"],
]);
/** Parameters of these routes; a client's key may stand beside them. */
const PASSED: ReadonlySet<string> = new Set(["include", "include[]", "after", "limit", "order"]);
