import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./send-body.ts";
import { askOwner } from "./ask-owner.ts";
import type { Exchange } from "./exchange.ts";

/** Shows or removes an answer that is kept here, or at the provider that made it. */
export async function handleStored(exchange: Exchange): Promise<void> {
  const { face, call, deps, principal, res } = exchange;
  if (!face.stored) throw new GatewayError("not-found", "this protocol keeps no answers");
  const { id = "" } = call.params;
  const wire = face.stored.toProvider?.(call);
  // With several keys about, only the one that asked is told; after a restart nobody knows which that was.
  const several = Object.keys(deps.config().keys).length > 1;
  const mayAsk = !several || deps.answerOwners.isOwn(principal, id);
  const theirs = wire && mayAsk ? await askOwner(exchange, wire) : undefined;
  if (theirs !== undefined) return sendBody(res, 200, JSON_HEADERS, JSON.stringify(theirs));
  const { body, remove } = face.stored.answer(call, await deps.stored.find(principal, id));
  if (remove) await deps.stored.remove(principal, id);
  sendBody(res, 200, JSON_HEADERS, JSON.stringify(body));
}

const JSON_HEADERS = { "content-type": "application/json" };
