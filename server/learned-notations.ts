import type { StateStore } from "../storage/types.ts";

/** How models of no known family write their calls, so that they are asked to write them so. */
export interface LearnedNotations {
  /** The notation the model wrote within the last days, if it was not the one it was asked for. */
  find: (providerId: string, model: string) => string | undefined;
  learn: (notation: string, providerId: string, model: string) => void;
  /** Reads what earlier runs learnt. */
  load: () => Promise<void>;
}

export function createLearnedNotations(state: StateStore, now: () => number = Date.now): LearnedNotations {
  const learned = new Map<string, { notation: string; until: number }>();
  const toKey = (providerId: string, model: string): string => `${PREFIX}${providerId}/${model}`;
  return {
    find(providerId, model) {
      const known = learned.get(toKey(providerId, model));
      return known && known.until > now() ? known.notation : undefined;
    },
    learn(notation, providerId, model) {
      const key = toKey(providerId, model);
      const known = { notation, until: now() + REMEMBER_MS };
      learned.set(key, known);
      // Losing it costs nothing but that it is learnt again.
      state.set(key, known, REMEMBER_MS).catch(() => undefined);
    },
    async load() {
      for (const key of await state.keys(PREFIX)) {
        const known = await state.get(key);
        if (isKnown(known)) learned.set(key, known);
      }
    },
  };
}

const isKnown = (value: unknown): value is { notation: string; until: number } =>
  typeof value === "object" &&
  value !== null &&
  "notation" in value &&
  "until" in value &&
  typeof value.notation === "string" &&
  typeof value.until === "number";

const PREFIX = "writes:";
const REMEMBER_MS = 7 * 24 * 3_600_000;
