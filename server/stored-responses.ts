import type { StoredAnswer } from "../adapters/adapter.ts";
import { isObject } from "../adapters/validate.ts";
import type { StateStore } from "../storage/types.ts";
import { reaches, type Principal } from "./auth.ts";

/**
 * Answers kept for the clients that may refer to them later: for days, up to a number and a size, for the key that
 * asked. Keeping never delays or fails an answer; what does not fit is not kept.
 */
export interface StoredResponses {
  find: (principal: Principal, id: string) => Promise<StoredAnswer | undefined>;
  /** To be found at once, also while it is still being written. */
  keep: (principal: Principal, group: string, stored: StoredAnswer) => void;
  remove: (principal: Principal, id: string) => Promise<void>;
  /** Resolves when everything kept so far has been written. */
  settle: () => Promise<void>;
}

export interface StoredLimits {
  ttlMs: number;
  /** Bytes of one answer with its conversation. */
  maxBytes: number;
  maxCount: number;
  /** Bytes of all. */
  maxTotal: number;
}

/** An answer, and the group that gave it: a key that lost the group loses the answer with it. */
interface Kept {
  group: string;
  stored: StoredAnswer;
}

/** What there is, oldest first, so that it need not be read to be counted. */
type Index = { key: string; size: number; expiresAt: number }[];

export function createStoredResponses(
  state: StateStore,
  now: () => number,
  limits: Partial<StoredLimits> = {},
): StoredResponses {
  const { ttlMs, maxBytes, maxCount, maxTotal } = { ...DEFAULT_LIMITS, ...limits };
  const pending = new Map<string, Kept>();
  let index: Promise<Index> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const enqueue = (work: (index: Index) => Promise<void>): Promise<void> => {
    const done = queue.then(async () => work(await (index ??= loadIndex(state))));
    queue = done.catch(() => undefined);
    return done;
  };
  const write = async (list: Index, key: string, kept: Kept, size: number): Promise<void> => {
    await state.set(key, kept, ttlMs);
    list.push({ key, size, expiresAt: now() + ttlMs });
    let total = list.reduce((sum, entry) => sum + entry.size, 0);
    for (let oldest = list[0]; oldest; oldest = list[0]) {
      if (oldest.expiresAt > now() && list.length <= maxCount && total <= maxTotal) break;
      list.shift();
      total -= oldest.size;
      await state.remove(oldest.key);
    }
    await state.set(INDEX, list);
  };
  return {
    async find(principal, id) {
      const key = toKey(principal, id);
      const kept = pending.get(key) ?? (await state.get<unknown>(key));
      return isKept(kept) && reaches(principal, kept.group) ? kept.stored : undefined;
    },
    keep(principal, group, stored) {
      const kept: Kept = { group, stored };
      const size = Buffer.byteLength(JSON.stringify(kept));
      if (size > maxBytes) return;
      const key = toKey(principal, stored.id);
      pending.set(key, kept);
      const forget = (): void => void pending.delete(key);
      enqueue((list) => write(list, key, kept, size)).then(forget, forget);
    },
    remove(principal, id) {
      const key = toKey(principal, id);
      return enqueue(async (list) => {
        pending.delete(key);
        await state.remove(key);
        const place = list.findIndex((entry) => entry.key === key);
        if (place !== -1) list.splice(place, 1);
        await state.set(INDEX, list);
      });
    },
    settle: async () => void (await queue),
  };
}

async function loadIndex(state: StateStore): Promise<Index> {
  const list = await state.get<unknown>(INDEX);
  return Array.isArray(list) ? list.filter(isEntry) : [];
}

const isEntry = (entry: unknown): entry is Index[number] =>
  isObject(entry) &&
  typeof entry.key === "string" &&
  typeof entry.size === "number" &&
  typeof entry.expiresAt === "number";

/** Files may be edited by hand. */
const isKept = (value: unknown): value is Kept =>
  isObject(value) &&
  typeof value.group === "string" &&
  isObject(value.stored) &&
  typeof value.stored.id === "string" &&
  Array.isArray(value.stored.input) &&
  isObject(value.stored.answer);

/** The caller's key is part of the name: what another key asked for cannot even be looked for. */
const toKey = ({ keyId = "" }: Principal, id: string): string =>
  `stored-answer:${JSON.stringify([keyId, id])}`;

const INDEX = "stored-answers";

const DEFAULT_LIMITS: StoredLimits = {
  ttlMs: 7 * 24 * 60 * 60 * 1000,
  maxBytes: 8 * 1024 * 1024,
  maxCount: 1000,
  maxTotal: 128 * 1024 * 1024,
};
