import type { GatewayError } from "../adapters/errors.ts";
import { unfinished } from "../adapters/fold.ts";
import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { applyCompat, Compat } from "../compat/index.ts";
import type { Candidate } from "../routing/candidate.ts";
import { askProvider } from "./ask-provider.ts";
import { toBuildOptions } from "./build-options.ts";
import type { ChatWork } from "./chat-work.ts";
import { isLong, letOthers } from "./let-others.ts";
import { isTaught, type Manner } from "./manner.ts";
import { createPatience } from "./patience.ts";
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
  const compat: Compat = isTaught(manner) ? await teach(work, candidate, ask) : { request: ask.request };
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
      failure = await askProvider(work, candidate, {
        request: next,
        manner,
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
  return finished ? undefined : unfinished();
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
