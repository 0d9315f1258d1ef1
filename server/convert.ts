import { applyEdits, type RequestEdits } from "../adapters/edits.ts";
import { GatewayError } from "../adapters/errors.ts";
import { fillCallIds } from "../adapters/fill-call-ids.ts";
import { replay } from "../adapters/fold.ts";
import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { BuildOptions } from "../adapters/adapter.ts";
import type { Candidate } from "../routing/router.ts";
import { toBuildOptions } from "./build-options.ts";
import type { ChatWork } from "./chat-work.ts";
import type { Manner } from "./manner.ts";
import { mergeParams } from "./merge-params.ts";
import { toOutgoing } from "./outgoing.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { relay } from "./relay.ts";

/**
 * Serves a chat through the unified format: edits → (compat) → provider's request → provider's events → (compat) →
 * ids → client's answer. Returns the error that ended it, if one did.
 */
export async function convert(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner & { edits: RequestEdits | undefined },
): Promise<GatewayError | undefined> {
  const { exchange, answer } = work;
  const { deps, entry } = exchange;
  const named = { ...deps.callSignatures.restore(work.request), model: candidate.model };
  const asked = manner.unthinking ? { ...named, thinking: undefined } : named;
  const edited = manner.edits ? applyEdits(asked, manner.edits) : asked;
  const taught = manner.emulate || manner.imageless || manner.jsonless;
  const compat = taught ? await teach(edited, work, { candidate, manner }) : { request: edited };
  // What is emulated is read out of the text, thoughts included.
  const options = toBuildOptions(candidate, { rawText: manner.emulate });
  const ids = fillCallIds(() => exchange.face.toCallId?.(deps.newId()) ?? deps.newId());
  let finished = false;

  const take = (events: StreamEvent[]): boolean => {
    const filled = ids.push(events);
    deps.callSignatures.remember(filled);
    for (const event of filled) {
      if (event.type !== "finish") continue;
      finished = true;
      Object.assign(entry, {
        finish: event.reason,
        inputTokens: event.usage?.inputTokens,
        outputTokens: event.usage?.outputTokens,
      });
    }
    return filled.length === 0 || answer.take(filled);
  };
  let next: UnifiedRequest | undefined = compat.request;
  while (next) {
    const failure = await exchangeOnce(
      work,
      candidate,
      { request: next, options, imageless: manner.imageless },
      (events) => take(compat.stage ? compat.stage.push(events) : events),
    );
    if (failure) return failure;
    if (compat.stage) take(compat.stage.end());
    // A call that failed its schema before anything of it was sent: the model is asked once more.
    next = finished ? undefined : compat.followUp?.();
  }
  if (!finished) return new GatewayError("upstream", "the provider's answer ended before it was finished");
  answer.finish();
  return undefined;
}

interface Taught {
  request: UnifiedRequest;
  stage?: EventStage;
  followUp?: () => UnifiedRequest | undefined;
}

/** The request for a model that lacks something, and the stage that reads its answer. Loaded only when needed. */
async function teach(
  request: UnifiedRequest,
  work: ChatWork,
  { candidate, manner }: { candidate: Candidate; manner: Manner },
): Promise<Taught> {
  const { applyCompat } = await import("../compat/index.ts");
  const { entry } = work.exchange;
  const settings = {
    ...candidate.compat,
    tools: manner.emulate,
    thinkingTags: manner.emulate,
    json: manner.jsonless,
    images: manner.imageless,
    model: candidate.model,
  };
  return applyCompat(request, settings, {
    onRepair: (repair) => {
      (entry.repairs ??= []).push(repair.kind);
    },
  });
}

function exchangeOnce(
  work: ChatWork,
  candidate: Candidate,
  { request, options, imageless }: { request: UnifiedRequest; options: BuildOptions; imageless: boolean },
  take: (events: StreamEvent[]) => boolean,
): Promise<GatewayError | undefined> {
  const { exchange, answer, warnings } = work;
  const { provider: face } = findProviderAdapter(exchange.deps.adapters, candidate);
  const { provider } = candidate;
  const wire = face.buildRequest(request, options);
  const dropped = [...new Set([...(work.request.unread ?? []), ...(wire.dropped ?? [])])];
  if (work.request.thinking?.mode === "on" && !request.thinking) dropped.push("thinking");
  if (imageless) dropped.push("images");
  if (dropped.length) {
    exchange.entry.dropped = dropped;
    warnings.splice(0, warnings.length, `not sent to ${candidate.providerId}: ${dropped.join(", ")}`);
  }
  const body = JSON.stringify(mergeParams(wire.body ?? {}, provider.params, candidate.params));
  return relay({
    upstream: exchange.deps.upstream,
    provider,
    request: toOutgoing(work, candidate, { ...wire, body }),
    stream: request.stream,
    parser: face.createStreamParser(request, options),
    parseResponse: (body) => replay(face.parseResponse(body, request, options)),
    parseError: face.parseError,
    take,
    onDrain: answer.onDrain,
    signal: exchange.signal,
  });
}
