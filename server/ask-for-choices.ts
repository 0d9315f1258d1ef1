import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { askModel, type Ask } from "./ask-model.ts";
import type { ChatWork } from "./chat-work.ts";
import { createStopper } from "./stop-signal.ts";

export interface AskForChoices extends Omit<Ask, "take"> {
  /** What the client's body calls the number of answers. */
  field: string;
  take: (events: StreamEvent[], choice: number) => boolean;
}

/**
 * Several answers to one request: the model is asked once for each, all at the same time, because few protocols have a
 * word for it. The first that fails ends the others. Returns its error.
 */
export async function askForChoices(
  work: ChatWork,
  candidate: Candidate,
  { field, take, ...ask }: AskForChoices,
): Promise<GatewayError | undefined> {
  const { choices = 1, ...request } = ask.request;
  if (choices > MAX_CHOICES) {
    const message = `${field}: this model answers at most ${MAX_CHOICES} times to one request, got ${choices}`;
    return new GatewayError("invalid-request", message, { param: field, code: "integer_above_max_value" });
  }
  const { signal, abort } = createStopper();
  const leave = (): void => abort(ask.signal.reason);
  if (ask.signal.aborted) leave();
  else ask.signal.addEventListener("abort", leave, { once: true });
  let failure: GatewayError | undefined;
  const askOne = async (choice: number): Promise<void> => {
    const failed = await askModel(work, candidate, {
      ...ask,
      request: withOwnSeed(request, choice),
      signal,
      take: (events) => take(events, choice),
    });
    failure ??= failed;
    if (failed) abort();
  };
  await Promise.all(Array.from({ length: choices }, (_, choice) => askOne(choice)));
  ask.signal.removeEventListener("abort", leave);
  return failure;
}

/** The same seed would give the same answer every time. */
function withOwnSeed(request: UnifiedRequest, choice: number): UnifiedRequest {
  const seed = request.sampling?.seed;
  if (seed === undefined || choice === 0) return request;
  // None becomes larger than a provider takes, 32 bits at least.
  const own = seed > LARGE_SEED ? seed - choice : seed + choice;
  return { ...request, sampling: { ...request.sampling, seed: own } };
}

/** Each is a request of its own: paid, and counted against the provider's limits. */
const MAX_CHOICES = 8;
const LARGE_SEED = 2 ** 30;
