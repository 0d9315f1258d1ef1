import type { StoredAnswer } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { Exchange } from "./exchange.ts";

/** The body with all it refers to of answers kept here put in; the same body where it refers to nothing of that. */
export async function recall({ face, deps, principal }: Exchange, body: unknown): Promise<unknown> {
  const foreign = face.stored?.findForeign?.(body);
  if (foreign !== undefined && deps.answerOwners.isOthers(principal, foreign))
    throw new GatewayError("not-found", `answer '${foreign.slice(0, 100)}' not found`, {
      code: "previous_response_not_found",
    });
  const found = new Map<string, StoredAnswer | undefined>();
  while (found.size < MAX_LOOK_UPS) {
    const id = face.stored?.findNeeded(body, found);
    if (id === undefined) break;
    found.set(id, await deps.stored.find(principal, id));
  }
  return face.stored && found.size ? face.stored.expand(body, found) : body;
}

/** The newest answer mostly holds all older ones. */
const MAX_LOOK_UPS = 50;
