import { GatewayError } from "../adapters/errors.ts";
import { toPause } from "../routing/back-off.ts";
import type { Trial } from "../routing/health.ts";
import { judgeFailure, type Verdict } from "../routing/judge-failure.ts";
import type { Plan, Skipped } from "../routing/plan.ts";
import type { Candidate } from "../routing/candidate.ts";
import { askCandidate } from "./attempt.ts";
import type { ChatWork } from "./chat-work.ts";
import { takeLease, toUsed, UNLIMITED } from "./limits/take-lease.ts";
import { remember } from "./remember.ts";
import type { RequestLogEntry } from "./request-log.ts";
import { toFinal } from "./to-final.ts";
import { withoutSecrets } from "./hide-secrets.ts";
import { logError } from "./log-error.ts";
import { waitForRest } from "./wait-for-rest.ts";

export interface AttemptsOptions {
  /** Nobody but the first is asked. */
  once?: boolean;
}

/**
 * Asks one candidate after the other until one has begun to answer: other keys first where the key was refused, other
 * providers first where the provider failed. What a client did wrong is never tried twice, and nothing is once a piece
 * of an answer is out.
 */
export async function tryCandidates(
  work: ChatWork,
  plan: Plan,
  { once = false }: AttemptsOptions = {},
): Promise<void> {
  const { exchange, answer } = work;
  const { deps, entry } = exchange;
  const { config } = deps.router().group(work.group);
  let patience: Patience | undefined;
  const wait = (): Promise<Candidate | undefined> => (patience ??= createPatience(work, plan)).wait();
  let failures = 0;
  let renewed = false;
  let error: GatewayError | undefined;

  const skipped = plan.resting();
  if (skipped.length > 0) entry.skipped = toSkipped(skipped);
  let candidate = plan.next() ?? (await wait());
  while (candidate) {
    const taken = takeLease(exchange, candidate);
    const lease = taken instanceof Promise ? await taken : taken;
    if (!lease) {
      // Another request was faster.
      candidate = plan.next() ?? (await wait());
      continue;
    }
    const trial = beginAttempt(work, candidate);
    let failure: GatewayError | undefined;
    try {
      failure = await askCandidate(work, candidate);
    } catch (fault) {
      trial.released();
      throw fault;
    } finally {
      if (lease !== UNLIMITED) lease.end(toUsed(exchange));
    }
    endAttempt(work, candidate, trial, failure);
    if (!failure) return;
    error = failure;
    const verdict = judgeFailure(failure, config.failover);
    if (exchange.signal.aborted || answer.isCommitted() || verdict.next === "none" || once) break;
    if (verdict.next === "provider") failures++;
    if (failures >= MAX_FAILURES || (entry.attempts ?? 0) >= MAX_ATTEMPTS) break;
    candidate = await choose(verdict, candidate, failures);
  }
  // Whoever ends the request says why.
  const reason: unknown = exchange.signal.reason;
  error = reason instanceof GatewayError ? reason : toFinal(error, plan, work.alias);
  if (!answer.isHeadSent()) throw error;
  // The head is sent: the protocol's own error inside the stream is all that is left to say.
  endWithError(work, error);

  async function choose(verdict: Verdict, last: Candidate, failed: number): Promise<Candidate | undefined> {
    if (verdict.next === "key" && verdict.rest) plan.rested();
    const next = plan.next(verdict.next === "key" ? "key" : "provider");
    if (next) return next;
    if (verdict.next === "key") return wait();
    if (!verdict.again || !deps.retryBudget.mayRetry(last.providerId)) return undefined;
    patience ??= createPatience(work, plan);
    if (!(await patience.pause(toPause(failed, Math.random)))) return undefined;
    const other = plan.next();
    // One that was asked already is asked once more, not twice.
    if (other || verdict.again === "other-key" || renewed) return other;
    renewed = true;
    plan.renew();
    return plan.next();
  }
}

/** An attempt begins, which will teach something about the candidate. */
function beginAttempt(work: ChatWork, candidate: Candidate): Trial {
  const { deps, entry, head } = work.exchange;
  const { key, model, target } = candidate.names;
  entry.attempts = (entry.attempts ?? 0) + 1;
  entry.target = target;
  head["x-ccproxy-target"] = toHeaderValue(target);
  head["x-ccproxy-attempts"] = String(entry.attempts);
  const trial = deps.health.begin([key, model, target]);
  const began = performance.now();
  deps.retryBudget.asked(candidate.providerId);
  work.begun = () => {
    entry.firstMs = Math.round(performance.now() - began);
    deps.latency.measured(target, performance.now() - began);
    // Others need not wait for the end of a long answer to try it as well.
    trial.succeeded();
  };
  return trial;
}

function endAttempt(
  { exchange }: ChatWork,
  { names, keyName }: Candidate,
  trial: Trial,
  failure: GatewayError | undefined,
): void {
  if (!failure) return trial.succeeded();
  const { rest } = judgeFailure(failure);
  if (rest) trial.failed(names[rest.name], rest.reason, rest.ms);
  else trial.released();
  (exchange.entry.failed ??= []).push({ target: names.target, key: keyName, error: failure.kind });
}

/** Who rests has no end of rest in JSON where it never ends. */
const toSkipped = (skipped: Skipped[]): RequestLogEntry["skipped"] =>
  skipped
    .slice(0, MAX_SKIPPED)
    .map(({ remainingMs, ...rest }) => ({ ...rest, remainingMs: Math.ceil(remainingMs) }));

interface Patience {
  /** False: the client is gone. */
  pause: (ms: number) => Promise<boolean>;
  /** Who has come back. */
  wait: () => Promise<Candidate | undefined>;
}

/** How long one request waits for somebody to come back, all in all. */
function createPatience(work: ChatWork, plan: Plan): Patience {
  const { deps, signal } = work.exchange;
  let left = deps.config().server.maxWaitMs ?? MAX_WAIT_MS;
  let early = 0;
  const pause = async (ms: number): Promise<boolean> => {
    const began = performance.now();
    await waitForRest(ms, [deps.health, deps.allowances], signal);
    left -= performance.now() - began;
    return !signal.aborted;
  };
  return {
    pause,
    async wait() {
      for (;;) {
        // A short rest may be over before anybody looks; who says "at once" each time is asked less and less often.
        const isBack = plan.readmit();
        const ms = isBack ? toPause(++early, Math.random) : plan.waitMs();
        if (ms === undefined || ms > left || !(await pause(ms))) return undefined;
        if (!isBack) plan.renew();
        const candidate = plan.next();
        if (candidate) return candidate;
      }
    },
  };
}

function endWithError(work: ChatWork, thrown: GatewayError): void {
  const { entry, deps } = work.exchange;
  const error = withoutSecrets(deps.storage, thrown);
  entry.error = logError(error);
  if (error.kind === "cancelled") entry.status = 499;
  work.answer.fail(error);
}

/** A model's name may hold what a header may not, and be long: clients give up at headers of some kilobytes. */
const toHeaderValue = remember((text) => text.slice(0, 500).replace(/[^\x20-\x7e]/g, "?"));

/** How often providers may fail for one request, and how often anybody is asked: refusals of keys cost little. */
const MAX_FAILURES = 3;
const MAX_ATTEMPTS = 32;
/** How many of those who rest the log names. */
const MAX_SKIPPED = 20;
const MAX_WAIT_MS = 10_000;
