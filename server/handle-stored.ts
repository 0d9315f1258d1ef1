import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./answer.ts";
import type { Exchange } from "./exchange.ts";

/** Shows or removes an answer that is kept here. */
export async function handleStored({ face, call, deps, principal, res }: Exchange): Promise<void> {
  if (!face.stored) throw new GatewayError("not-found", "this protocol keeps no answers");
  const { id = "" } = call.params;
  const { body, remove } = face.stored.answer(call, await deps.stored.find(principal, id));
  if (remove) await deps.stored.remove(principal, id);
  sendBody(res, 200, { "content-type": "application/json" }, JSON.stringify(body));
}
