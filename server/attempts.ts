import { GatewayError } from "../adapters/errors.ts";
import { isObject } from "../adapters/validate.ts";
import { restKey } from "../routing/rest-key.ts";
import type { Candidate } from "../routing/router.ts";
import { toBuildOptions } from "./build-options.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";
import { convert } from "./convert.ts";
import { toEdits } from "./group-edits.ts";
import { readRefusal } from "./learned-limits.ts";
import { hasTools, toManner, toolsMode, type Manner } from "./manner.ts";
import { passThrough } from "./passthrough.ts";

/** Tries candidates until one has begun to answer. What a client did wrong is never tried twice. */
export async function tryCandidates(work: ChatWork, candidates: Candidate[]): Promise<void> {
  const { exchange, answer } = work;
  const { deps, entry } = exchange;
  let error: GatewayError | undefined;
  for (const candidate of candidates.slice(0, MAX_ATTEMPTS)) {
    entry.attempts = (entry.attempts ?? 0) + 1;
    entry.target = `${candidate.providerId}/${candidate.model}`;
    const failure = await serve(work, candidate);
    if (!failure) return deps.cooldowns.succeeded(candidate.keyName);
    error = failure;
    if (answer.committed || !isRetryable(error)) break;
    restKey(deps.cooldowns, candidate.keyName, error);
  }
  error ??= new GatewayError("unavailable", `no target is left for model '${work.alias}'`);
  if (!answer.headSent) throw error;
  // The head is sent: the protocol's own error inside the stream is all that is left to say.
  endWithError(work, error);
}

/** Asks one candidate. What its model turns out not to have is learnt, and the same request made without it at once. */
async function serve(work: ChatWork, candidate: Candidate): Promise<GatewayError | undefined> {
  const { exchange, request } = work;
  const { limits } = exchange.deps;
  const { providerId, model } = candidate;
  const auto = hasTools(request) && toolsMode(work, candidate) === "auto";
  const thinks = request.thinking?.mode === "on";
  const manner = await toManner(work, candidate);
  for (;;) {
    const failure = await attempt(work, candidate, manner);
    const lacking = failure && !work.answer.headSent ? readRefusal(failure) : undefined;
    if (lacking === "tools" && auto && !manner.emulate) manner.emulate = true;
    // A client of the provider's own protocol asked for just this, and is told so in its own protocol.
    else if (lacking === "thinking" && thinks && !manner.unthinking && isForeign(work, candidate))
      manner.unthinking = true;
    else return failure;
    limits.learn(lacking, providerId, model);
  }
}

/** One attempt at a candidate. Returns what went wrong, if anything did, be it before the provider was asked. */
async function attempt(
  work: ChatWork,
  candidate: Candidate,
  manner: Manner,
): Promise<GatewayError | undefined> {
  const { exchange, request } = work;
  const { deps, entry } = exchange;
  const edits = work.untouched ? undefined : toEdits(deps.router().group(work.group).config, work.alias);
  work.answer.begin();
  try {
    const taught = manner.emulate || manner.imageless || manner.jsonless;
    const raw = work.untouched || !taught ? toRawPath(work, candidate) : undefined;
    if (raw) {
      entry.via = "pass-through";
      return await passThrough(work, candidate, raw, edits);
    }
    if (request.nativeOnly !== undefined) {
      const { kind, ...details } = request.nativeOnlyAs ?? { kind: "unsupported" };
      return new GatewayError(kind, request.nativeOnly, details);
    }
    entry.via = taught ? "compat" : "converted";
    return await convert(work, candidate, { ...manner, edits });
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** Where the body goes as it is; undefined where it must be converted. */
function toRawPath(work: ChatWork, candidate: Candidate) {
  if (isForeign(work, candidate) || !isObject(work.body)) return undefined;
  const { adapter, call } = work.exchange;
  const options = toBuildOptions(candidate, { rawText: true });
  return adapter.provider.passThrough(call, candidate.model, work.request.stream, options);
}

function endWithError(work: ChatWork, error: GatewayError): void {
  const { entry } = work.exchange;
  entry.error = `${error.kind}: ${error.message}`;
  if (error.kind === "cancelled") entry.status = 499;
  work.answer.fail(error);
}

const isRetryable = (error: GatewayError): boolean => RETRYABLE.has(error.kind);

const RETRYABLE = new Set([
  "rate-limit",
  "overloaded",
  "upstream",
  "upstream-auth",
  "timeout",
  "unavailable",
]);
const MAX_ATTEMPTS = 4;
