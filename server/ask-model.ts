import type { BuildOptions } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { replay } from "../adapters/fold.ts";
import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { applyCompat, Compat } from "../compat/index.ts";
import type { Candidate } from "../routing/candidate.ts";
import { toBuildOptions } from "./build-options.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";
import { isLong, letOthers } from "./let-others.ts";
import type { Manner } from "./manner.ts";
import { mergeParams } from "./merge-params.ts";
import { toOutgoing } from "./outgoing.ts";
import { createPatience } from "./patience.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { relay } from "./relay.ts";
import { writeBody } from "./write-body.ts";
import type { StopSignal } from "./stop-signal.ts";

/** One answer wanted of a model. */
export interface Ask {
  /** With the provider's name of the model. */
  request: UnifiedRequest;
  manner: Manner;
  /** Gives calls their ids. */
  ids: EventStage;
  /** Returns false when the client reads slower than the provider writes. */
  take: (events: StreamEvent[]) => boolean;
  signal: StopSignal;
}

/**
 * One answer as events: (compat) → provider's request → provider's events → (compat) → ids → `take`. Returns the error
 * that ended it, if one did.
 */
export async function askModel(
  work: ChatWork,
  candidate: Candidate,
  ask: Ask,
): Promise<GatewayError | undefined> {
  const { callSignatures } = work.exchange.deps;
  const { manner } = ask;
  const taught = manner.emulate || manner.imageless || manner.jsonless;
  const compat: Compat = taught ? await teach(work, candidate, ask) : { request: ask.request };
  // What is emulated is read out of the text, thoughts included.
  const options = toBuildOptions(candidate, { rawText: manner.emulate });
  let finished = false;

  const take = (events: StreamEvent[]): boolean => {
    const filled = ask.ids.push(events);
    callSignatures.remember(filled);
    finished ||= filled.some((event) => event.type === "finish");
    return filled.length === 0 || ask.take(filled);
  };
  const patience = ask.request.stream ? createPatience(compat, take) : undefined;
  let next: UnifiedRequest | undefined = compat.request;
  while (next) {
    if (isLong(work.text)) await letOthers();
    let failure: GatewayError | undefined;
    try {
      failure = await exchangeOnce(work, candidate, {
        request: next,
        manner,
        ids: ask.ids,
        signal: ask.signal,
        options,
        take(events) {
          const goOn = take(compat.stage ? compat.stage.push(events) : events);
          patience?.look();
          return goOn;
        },
      });
    } finally {
      patience?.clear();
    }
    if (failure) {
      // What the model said first is an answer too, if not a good one.
      if (next === compat.request || failure.kind === "cancelled" || !compat.giveUp) return failure;
      (work.exchange.entry.repairs ??= []).push("asked in vain");
      take(compat.giveUp());
      break;
    }
    if (compat.stage) take(compat.stage.end());
    // What failed before anything of it was sent: the model is asked once more.
    next = finished ? undefined : compat.followUp?.();
  }
  return finished
    ? undefined
    : new GatewayError("upstream", "the provider's answer ended before it was finished");
}

/** The request for a model that lacks something, and the stage that reads its answer. Loaded only when needed. */
async function teach(work: ChatWork, candidate: Candidate, { request, manner }: Ask): Promise<Compat> {
  loaded ??= await import("../compat/index.ts");
  const { entry, deps } = work.exchange;
  const { notations } = deps;
  const settings = {
    ...candidate.compat,
    tools: manner.emulate,
    thinkingTags: manner.emulate,
    patient: true,
    json: manner.jsonless,
    images: manner.imageless,
    constrain: manner.constrain,
    model: candidate.model,
    learnt: notations.find(candidate.providerId, candidate.model),
  };
  return loaded.applyCompat(request, settings, {
    onNotation: (notation) => notations.learn(notation, candidate.providerId, candidate.model),
    onRepair: (repair) => {
      (entry.repairs ??= []).push(repair.kind);
    },
  });
}

/** Asking for it again costs a little each time. */
let loaded: { applyCompat: typeof applyCompat } | undefined;

function exchangeOnce(
  work: ChatWork,
  candidate: Candidate,
  { request, manner, options, take, signal }: Ask & { options: BuildOptions },
): Promise<GatewayError | undefined> {
  const { exchange, answer, warnings } = work;
  const { provider: face } = findProviderAdapter(exchange.deps.adapters, candidate);
  const { provider } = candidate;
  // A stream shows that the provider is at work, and ends where the client leaves; one body does neither.
  const wire = face.buildRequest({ ...request, stream: request.stream || !manner.unstreamed }, options);
  // A provider of the client's own protocol gets what has no unified form as it came.
  const unread = isForeign(work, candidate) ? work.request.unread : undefined;
  const dropped = unread || wire.dropped ? [...new Set([...(unread ?? []), ...(wire.dropped ?? [])])] : [];
  if (work.request.thinking?.mode === "on" && !request.thinking) dropped.push("thinking");
  if (manner.imageless) dropped.push("images");
  if (dropped.length) {
    exchange.entry.dropped = dropped;
    warnings.splice(0, warnings.length, `not sent to ${candidate.providerId}: ${dropped.join(", ")}`);
  }
  const body = writeBody(mergeParams(wire.body ?? {}, provider.params, candidate.params));
  const outgoing = toOutgoing(work, candidate, { ...wire, body });
  const send = (): ReturnType<typeof relay> =>
    relay({
      upstream: exchange.deps.upstream,
      provider,
      request: outgoing,
      stream: request.stream,
      createParser: () => face.createStreamParser(request, options),
      parseResponse: (received) =>
        face.readPlain?.(received, request.model, options) ??
        replay(face.parseResponse(received, request, options)),
      parseError: face.parseError,
      take,
      onDrain: answer.onDrain,
      signal,
    });
  return isLong(body) ? letOthers().then(send) : send();
}
