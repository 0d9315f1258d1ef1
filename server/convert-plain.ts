import { fillCallIds } from "../adapters/fill-call-ids.ts";
import { unfinished } from "../adapters/fold.ts";
import type { GatewayError } from "../adapters/errors.ts";
import type { EventStage } from "../adapters/sequence-calls.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { askProvider } from "./ask-provider.ts";
import { toBuildOptions } from "./build-options.ts";
import type { ChatWork } from "./chat-work.ts";
import { isLong, letOthers } from "./let-others.ts";
import type { Manner } from "./manner.ts";
import { noteFinish } from "./request-log.ts";

/**
 * What `convert` does where one answer is wanted of a model that lacks nothing, as it mostly is: one exchange, in as
 * few steps as it takes.
 */
export async function convertPlain(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner,
  request: UnifiedRequest,
): Promise<GatewayError | undefined> {
  const { exchange, answer } = work;
  const { deps, entry, face, meter } = exchange;
  let ids: EventStage | undefined;
  let finished = false;
  if (isLong(work.text)) await letOthers();
  const failure = await askProvider(work, candidate, {
    request,
    manner,
    options: toBuildOptions(candidate),
    signal: exchange.signal,
    take(events) {
      let filled = events;
      for (const event of events) {
        if (event.type === "tool-start" && filled === events) {
          ids ??= fillCallIds(() => face.toCallId?.(deps.newId()) ?? deps.newId());
          filled = ids.push(events);
          deps.callSignatures.remember(filled);
        }
        if (event.type !== "finish") continue;
        finished = true;
        noteFinish(entry, event.reason, event.usage);
      }
      meter.take(filled);
      return filled.length === 0 || answer.take(filled);
    },
  });
  if (failure) return failure;
  if (!finished) return unfinished();
  answer.finish();
  return undefined;
}
