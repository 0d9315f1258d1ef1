import { applyEdits, type RequestEdits } from "../adapters/edits.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { fillCallIds } from "../adapters/fill-call-ids.ts";
import { sumUsages } from "../adapters/sum-usages.ts";
import type { StreamEvent, UnifiedRequest, Usage } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { askForChoices } from "./ask-for-choices.ts";
import { askModel } from "./ask-model.ts";
import type { ChatWork } from "./chat-work.ts";
import { convertPlain } from "./convert-plain.ts";
import { isTaught, type Manner } from "./manner.ts";
import { noteFinish } from "./request-log.ts";

/**
 * Serves a chat through the unified format: edits → the model's answer, or several of them → client's answer. Returns
 * the error that ended it, if one did.
 */
export function convert(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner,
  edits: RequestEdits | undefined,
): Promise<GatewayError | undefined> {
  const request = toAsked(work, candidate, manner, edits);
  const isPlain = !isTaught(manner) && (request.choices ?? 1) === 1;
  return (isPlain ? convertPlain : convertAny)(work, candidate, manner, request);
}

/** The same by way of everything that an answer may need. */
export async function convertAny(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner,
  request: UnifiedRequest,
): Promise<GatewayError | undefined> {
  const { exchange, answer } = work;
  const { deps, entry, face, meter, signal } = exchange;
  const ids = fillCallIds(() => face.toCallId?.(deps.newId()) ?? deps.newId());
  const usages: (Usage | undefined)[] = [];

  const take = (events: StreamEvent[], choice?: number): boolean => {
    meter.take(events);
    for (const event of events) {
      if (event.type !== "finish") continue;
      usages.push(event.usage);
      noteFinish(entry, event.reason, sumUsages(usages));
    }
    return answer.take(events, choice);
  };
  const ask = { request, manner, ids, signal, take };
  const several = (request.choices ?? 1) > 1 ? face.choices : undefined;
  const failure = several
    ? await askForChoices(work, candidate, { ...ask, field: several.field })
    : await askModel(work, candidate, ask);
  if (failure) return failure;
  answer.finish();
  return undefined;
}

/** The request as the candidate gets it: signatures put back, the group's changes made. */
function toAsked(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner,
  edits: RequestEdits | undefined,
): UnifiedRequest {
  const named = { ...work.exchange.deps.callSignatures.restore(work.request), model: candidate.model };
  const asked = manner.unthinking ? { ...named, thinking: undefined } : named;
  return edits ? applyEdits(asked, edits) : asked;
}
