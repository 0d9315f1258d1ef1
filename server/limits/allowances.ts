import type { Limits } from "../../storage/types.ts";
import { loadWindows, type Window } from "./windows.ts";

/** The right to serve one request with a key. */
export interface Lease {
  /** It is over. `tokens`: those it used in all; undefined: as many as were reserved. Later calls do nothing. */
  end: (tokens?: number) => void;
}

export interface Blocked {
  limit: keyof Limits;
  /** Milliseconds until there may be room; Infinity: never for so many tokens. */
  ms: number;
}

export interface SavedAllowance {
  owner: string;
  tokens: number;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/**
 * What keys may use, clients' and providers' alike: an owner is a key by a name of its own. Looking and taking are one
 * step; tokens are reserved by estimate and put right when the request is over, so that a limit is overshot by what is
 * under way at most.
 */
export interface Allowances {
  /** To be awaited before anything else where a limit is configured. */
  ready: () => Promise<void>;
  /** What stands in the way of a request; undefined: nothing. `tokens` is only asked where tokens are limited. */
  blocked: (owner: string, limits: Limits, tokens: () => number) => Blocked | undefined;
  /** Undefined where something stands in the way: `blocked` says what. A promise where another process decides. */
  take: (
    owner: string,
    limits: Limits,
    tokens: () => number,
  ) => Lease | undefined | Promise<Lease | undefined>;
  /** Called when there is more room than before; returns its own end. */
  onChange: (listener: () => void) => () => void;
  /** Called when the day's tokens have changed. */
  onSpent: (listener: () => void) => () => void;
  /** The day's tokens, for the next start of the daemon. */
  save: () => SavedAllowance[];
  load: (saved: readonly SavedAllowance[]) => void;
}

export interface OwnAllowances extends Allowances {
  take: (owner: string, limits: Limits, tokens: () => number) => Lease | undefined;
}

interface Account {
  requests: Window;
  tokens: Window;
  day: Window;
  running: number;
}

/** Those of this process: who asks it is answered at once. */
export function createAllowances(): OwnAllowances {
  const accounts = new Map<string, Account>();
  const changed = createListeners();
  const spent = createListeners();
  let waiting: readonly SavedAllowance[] = [];
  let createWindow: (() => Window) | undefined;
  let loading: Promise<void> | undefined;

  const accountOf = (owner: string): Account | undefined => {
    let account = accounts.get(owner);
    if (!account && createWindow) {
      account = { requests: createWindow(), tokens: createWindow(), day: createWindow(), running: 0 };
      accounts.set(owner, account);
    }
    return account;
  };
  const restore = (): void => {
    for (const { owner, tokens, endsAt } of waiting) accountOf(owner)?.day.restore(tokens, endsAt);
    waiting = [];
  };
  const blocked: Allowances["blocked"] = (owner, limits, tokens) => {
    const account = accountOf(owner);
    return account && findBlocked(account, limits, tokens);
  };
  return {
    ready: () =>
      (loading ??= loadWindows().then((create) => {
        createWindow = create;
        restore();
      })),
    blocked,
    take(owner, limits, tokens) {
      const account = accountOf(owner);
      if (!account) return NO_LEASE;
      if (findBlocked(account, limits, tokens)) return undefined;
      return lease(account, limits, tokens, { changed: changed.call, spent: spent.call });
    },
    onChange: changed.add,
    onSpent: spent.add,
    save: () =>
      [...accounts].flatMap(([owner, { day }]) => {
        const { used, endsAt } = day.read() ?? {};
        return used === undefined || endsAt === undefined || used <= 0
          ? []
          : [{ owner, tokens: used, endsAt }];
      }),
    load(saved) {
      waiting = saved;
      if (createWindow) restore();
    },
  };
}

function findBlocked(account: Account, limits: Limits, tokens: () => number): Blocked | undefined {
  const { requestsPerMinute, tokensPerMinute, tokensPerDay, concurrent } = limits;
  const over = (limit: keyof Limits, window: Window, most: number | undefined, wanted: number) => {
    if (most === undefined) return undefined;
    if (wanted > most) return { limit, ms: Number.POSITIVE_INFINITY };
    const { used = 0, endsAt = 0 } = window.read() ?? {};
    return used + wanted > most ? { limit, ms: Math.max(1, endsAt - Date.now()) } : undefined;
  };
  const size = hasTokenLimit(limits) ? tokens() : 0;
  const found = [
    concurrent !== undefined && account.running >= concurrent
      ? { limit: "concurrent" as const, ms: LOOK_AGAIN_MS }
      : undefined,
    over("requestsPerMinute", account.requests, requestsPerMinute, 1),
    over("tokensPerMinute", account.tokens, tokensPerMinute, size),
    over("tokensPerDay", account.day, tokensPerDay, size),
  ].filter((block) => block !== undefined);
  // The one that lasts longest decides when it is worth to come back.
  return found.sort((a, b) => b.ms - a.ms)[0];
}

function lease(
  account: Account,
  limits: Limits,
  tokens: () => number,
  tell: { changed: () => void; spent: () => void },
): Lease {
  const { requestsPerMinute, tokensPerMinute, tokensPerDay } = limits;
  const reserved = hasTokenLimit(limits) ? tokens() : 0;
  account.running++;
  if (requestsPerMinute !== undefined) account.requests.add(1, MINUTE_MS);
  const minuteEnds = tokensPerMinute === undefined ? undefined : account.tokens.add(reserved, MINUTE_MS);
  const dayEnds =
    tokensPerDay === undefined ? undefined : account.day.add(reserved, untilMidnight(Date.now()));
  if (dayEnds !== undefined) tell.spent();
  let over = false;
  return {
    end(used = reserved) {
      if (over) return;
      over = true;
      account.running--;
      // What was reserved in a span that is over by now is forgotten with it.
      const settle = (window: Window, endsAt: number | undefined): void => {
        if (endsAt !== undefined && window.read()?.endsAt === endsAt) window.add(used - reserved, MINUTE_MS);
      };
      settle(account.tokens, minuteEnds);
      settle(account.day, dayEnds);
      if (dayEnds !== undefined) tell.spent();
      tell.changed();
    },
  };
}

function createListeners() {
  const listeners = new Set<() => void>();
  return {
    call: (): void => {
      for (const listener of listeners) listener();
    },
    add: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const hasTokenLimit = ({ tokensPerMinute, tokensPerDay }: Limits): boolean =>
  tokensPerMinute !== undefined || tokensPerDay !== undefined;

const untilMidnight = (now: number): number => DAY_MS - (now % DAY_MS);

const NO_LEASE: Lease = { end: () => undefined };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** When somebody else's request ends is not known. */
const LOOK_AGAIN_MS = 1000;
