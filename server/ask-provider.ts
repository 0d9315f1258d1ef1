import type { BuildOptions, ProviderFace } from "../adapters/adapter.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { replay } from "../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";
import { isLong, letOthers } from "./let-others.ts";
import type { Manner } from "./manner.ts";
import { mergeParams } from "./merge-params.ts";
import { toOutgoing, type Outgoing } from "./outgoing.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { relay } from "./relay.ts";
import type { StopSignal } from "./stop-signal.ts";
import { writeBody } from "./write-body.ts";

export interface ProviderAsk {
  /** With the provider's name of the model. */
  request: UnifiedRequest;
  manner: Manner;
  options: BuildOptions;
  /** Returns false when the client reads slower than the provider writes. */
  take: (events: StreamEvent[]) => boolean;
  signal: StopSignal;
}

/**
 * One exchange with a provider in its protocol: request → its body → its answer → events. Returns the error that ended
 * it, if one did.
 */
export function askProvider(
  work: ChatWork,
  candidate: Candidate,
  ask: ProviderAsk,
): Promise<GatewayError | undefined> {
  const { request, options } = ask;
  const { deps } = work.exchange;
  const { provider: face } = findProviderAdapter(deps.adapters, candidate);
  const outgoing = build(work, candidate, face, ask);
  const send = (): ReturnType<typeof relay> =>
    relay({
      upstream: deps.upstream,
      provider: candidate.provider,
      request: outgoing,
      stream: request.stream,
      createParser: () => face.createStreamParser(request, options),
      parseResponse: (received) =>
        face.readPlain?.(received, request.model, options) ??
        replay(face.parseResponse(received, request, options)),
      parseError: face.parseError,
      take: ask.take,
      onDrain: work.answer.onDrain,
      signal: ask.signal,
    });
  return isLong(outgoing.body) ? letOthers().then(send) : send();
}

/** The request in its provider's protocol. What cannot be said in it is noted, and the client warned. */
function build(
  work: ChatWork,
  candidate: Candidate,
  face: ProviderFace,
  { request, manner, options }: ProviderAsk,
): Outgoing {
  const { exchange, warnings } = work;
  // A stream shows that the provider is at work, and ends where the client leaves; one body does neither.
  const asked = request.stream || manner.unstreamed ? request : { ...request, stream: true };
  const wire = face.buildRequest(asked, options);
  // A provider of the client's own protocol gets what has no unified form as it came.
  const unread = isForeign(work, candidate) ? work.request.unread : undefined;
  const dropped = unread || wire.dropped ? [...new Set([...(unread ?? []), ...(wire.dropped ?? [])])] : [];
  if (work.request.thinking?.mode === "on" && !request.thinking) dropped.push("thinking");
  if (manner.imageless) dropped.push("images");
  if (dropped.length) {
    exchange.entry.dropped = dropped;
    warnings.splice(0, warnings.length, `not sent to ${candidate.providerId}: ${dropped.join(", ")}`);
  }
  const body = writeBody(mergeParams(wire.body ?? {}, candidate.provider.params, candidate.params));
  return toOutgoing(work, candidate, { ...wire, body });
}
