import { GatewayError } from "../adapters/errors.ts";
import { isObject } from "../adapters/validate.ts";
import type { Candidate } from "../routing/candidate.ts";
import { toBuildOptions } from "./build-options.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";
import { convert } from "./convert.ts";
import { toEdits } from "./group-edits.ts";
import { giveWay, isTaught, toManner, type Manner } from "./manner.ts";
import { passThrough } from "./passthrough.ts";

/**
 * Asks one candidate, and returns what went wrong, if anything did. What its model turns out not to have is learnt, and
 * the same request made without it at once.
 */
export async function askCandidate(work: ChatWork, candidate: Candidate): Promise<GatewayError | undefined> {
  const found = toManner(work, candidate);
  const manner = found instanceof Promise ? await found : found;
  for (;;) {
    let failure: GatewayError | undefined;
    try {
      failure = await askOnce(work, candidate, manner);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      failure = error;
    }
    if (!failure || work.answer.isHeadSent() || !giveWay(manner, failure, work, candidate)) return failure;
  }
}

/** One exchange. Throws why there was none. */
function askOnce(work: ChatWork, candidate: Candidate, manner: Manner): Promise<GatewayError | undefined> {
  const { exchange, request } = work;
  const { deps, entry } = exchange;
  const edits = work.untouched ? undefined : toEdits(deps.router().group(work.group).config, work.alias);
  work.answer.begin();
  exchange.meter.begin();
  const taught = isTaught(manner);
  const raw = work.untouched || !taught ? toRawPath(work, candidate) : undefined;
  if (raw) {
    entry.via = "pass-through";
    return passThrough(work, candidate, raw, edits);
  }
  if (request.nativeOnly !== undefined) {
    const { kind, ...details } = request.nativeOnlyAs ?? { kind: "unsupported" };
    throw new GatewayError(kind, request.nativeOnly, details);
  }
  entry.via = taught ? "compat" : "converted";
  return convert(work, candidate, manner, edits);
}

/** Where the body goes as it is; undefined where it must be converted. */
function toRawPath(work: ChatWork, candidate: Candidate) {
  if (isForeign(work, candidate) || !isObject(work.body)) return undefined;
  const { adapter, call } = work.exchange;
  const options = toBuildOptions(candidate, { rawText: true });
  const { passThrough, takesAsIs } = adapter.provider;
  // What only this protocol can say has no other way to go.
  const asItIs =
    work.request.nativeOnly !== undefined || takesAsIs?.(work.body, candidate.model, options) !== false;
  return asItIs ? passThrough(call, candidate.model, work.request.stream, options) : undefined;
}
