/** Why a name rests. `failures`: the provider itself failed several times in a row. */
export type RestReason = (typeof REST_REASONS)[number];
export const REST_REASONS = ["rate-limit", "quota", "refused", "failures", "busy"] as const;

export interface Resting {
  name: string;
  reason: RestReason;
  remainingMs: number;
}

/** The right to ask somebody now. Exactly one of its ends is called. */
export interface Trial {
  /** An answer came. */
  succeeded: () => void;
  /** It rests: for `ms` where the provider said so, else for a while that grows. */
  failed: (name: string, reason: RestReason, ms?: number) => void;
  /** Nothing was learnt: the client went away, or was refused for a mistake of its own. */
  released: () => void;
}

/**
 * Who may be asked: keys, models of keys and targets, each by its name. A name that failed rests, after that one
 * request at a time may try it, and a success makes it whole again. Nothing rests for ever.
 *
 * Milliseconds; `now` is a clock that only runs forward.
 */
export interface Health {
  /** How long none of `names` but resting ones may be asked; 0: they may be asked now. */
  remaining: (names: readonly string[]) => number;
  reason: (names: readonly string[]) => RestReason | undefined;
  /** Nobody has failed lately. */
  well: () => boolean;
  begin: (names: readonly string[]) => Trial;
  resting: () => Resting[];
  /** Everything or one name is well again. */
  clear: (name?: string) => void;
  /** Called after every change; returns its own end. */
  onChange: (listener: () => void) => () => void;
  /** For daemons of several processes: called with what changed here, to be taken over by the others. */
  onEdit: (listener: (edits: HealthEdit[]) => void) => () => void;
  /** Takes over what another process saw. A rest is only ever made longer by it. */
  adopt: (edits: readonly HealthEdit[]) => void;
  /** For the next start of the daemon: what rests, and how often it failed. */
  save: () => SavedHealth[];
  /** `elapsedMs`: how long ago it was saved. */
  load: (saved: readonly SavedHealth[], elapsedMs: number) => void;
}

export interface SavedHealth {
  name: string;
  reason: RestReason;
  remainingMs: number;
  failures: number;
}

/** How one name fares. */
export interface HealthEdit {
  name: string;
  /** Undefined: it is well. */
  ill?: Omit<SavedHealth, "name" | "remainingMs"> & {
    /** Undefined: not yet ill enough to rest. */
    remainingMs?: number;
    /** Somebody is trying it. */
    tried: boolean;
  };
  /** It is well because somebody says so, whatever rest it was told. */
  cleared?: boolean;
}

interface Illness {
  reason: RestReason;
  /** In a row. */
  failures: number;
  /** Rests until then; undefined: not yet ill enough. */
  until?: number;
  /** Somebody is trying it. */
  tried?: boolean;
}

export function createHealth(now: () => number): Health {
  const ill = new Map<string, Illness>();
  const listeners = new Set<() => void>();
  const editListeners = new Set<(edits: HealthEdit[]) => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const edited = (names: Iterable<string>, cleared = false): void => {
    if (editListeners.size === 0) return;
    const edits = [...new Set(names)].map((name) => toEdit(name, ill.get(name), { now: now(), cleared }));
    if (edits.length > 0) for (const listener of editListeners) listener(edits);
  };
  const restOf = (name: string): number => {
    const illness = ill.get(name);
    if (illness?.until === undefined) return 0;
    const left = illness.until - now();
    if (left > 0) return left;
    return illness.tried ? TRIAL_MS : 0;
  };
  const fail = (name: string, reason: RestReason, ms: number | undefined): void => {
    const before = ill.get(name);
    // Requests that were on their way when it began to rest say nothing new: many at once count as one.
    const late = before?.until !== undefined && before.until > now();
    const failures = (before?.failures ?? 0) + (late ? 0 : 1);
    const rest =
      ms !== undefined && ms >= 0 ? Math.min(ms, MAX_REST_MS) : late ? 0 : toRest(reason, failures);
    // A deadline is only ever moved later: another request may have been told a longer one.
    const until = rest === undefined ? before?.until : Math.max(before?.until ?? 0, now() + rest);
    ill.set(name, { reason: late ? before.reason : reason, failures, ...(until !== undefined && { until }) });
  };

  return {
    remaining(names) {
      if (ill.size === 0) return 0;
      let most = 0;
      for (const name of names) most = Math.max(most, restOf(name));
      return most;
    },
    reason(names) {
      const worst = names.toSorted((a, b) => restOf(b) - restOf(a))[0];
      return worst !== undefined && restOf(worst) > 0 ? ill.get(worst)?.reason : undefined;
    },
    well: () => ill.size === 0,
    begin(names) {
      const trying: Illness[] = [];
      const tried: string[] = [];
      if (ill.size > 0) {
        for (const name of names) {
          const illness = ill.get(name);
          if (illness?.until === undefined || illness.tried) continue;
          illness.tried = true;
          trying.push(illness);
          tried.push(name);
        }
        edited(tried);
      }
      const settle = (): void => {
        for (const illness of trying) illness.tried = false;
      };
      return {
        succeeded() {
          settle();
          let any = false;
          for (const name of names) {
            // It was put to rest while this request was on its way.
            if ((ill.get(name)?.until ?? 0) > now()) continue;
            if (!ill.delete(name)) continue;
            any = true;
            tried.push(name);
          }
          edited(tried);
          if (any) changed();
        },
        failed(name, reason, ms) {
          settle();
          fail(name, reason, ms);
          edited([...tried, name]);
          changed();
        },
        released() {
          settle();
          edited(tried);
          if (trying.length > 0) changed();
        },
      };
    },
    resting: () =>
      [...ill].flatMap(([name, { reason }]) => {
        const remainingMs = restOf(name);
        return remainingMs > 0 ? [{ name, reason, remainingMs }] : [];
      }),
    clear(name) {
      const names = name === undefined ? [...ill.keys()] : [name];
      for (const one of names) ill.delete(one);
      edited(names, true);
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEdit(listener) {
      editListeners.add(listener);
      return () => editListeners.delete(listener);
    },
    adopt(edits) {
      for (const { name, ill: other, cleared } of edits) {
        const mine = ill.get(name);
        if (other) ill.set(name, merge(mine, other, now()));
        else if (cleared || (mine?.until ?? 0) <= now()) ill.delete(name);
      }
      changed();
    },
    save: () =>
      [...ill].map(([name, { reason, failures, until }]) => ({
        name,
        reason,
        failures,
        remainingMs: Math.max(0, (until ?? 0) - now()),
      })),
    load(saved, elapsedMs) {
      for (const { name, reason, failures, remainingMs } of saved) {
        const left = Math.min(remainingMs, MAX_REST_MS) - Math.max(0, elapsedMs);
        // What is over by now is tried like anything that just woke up.
        if (remainingMs > 0 && left > -FORGET_MS) ill.set(name, { reason, failures, until: now() + left });
      }
    },
  };
}

function toEdit(
  name: string,
  illness: Illness | undefined,
  { now, cleared }: { now: number; cleared: boolean },
): HealthEdit {
  if (!illness) return { name, cleared };
  const { reason, failures, until, tried = false } = illness;
  const remainingMs = until === undefined ? undefined : Math.max(0, until - now);
  return { name, ill: { reason, failures, tried, ...(remainingMs !== undefined && { remainingMs }) } };
}

function merge(mine: Illness | undefined, other: NonNullable<HealthEdit["ill"]>, now: number): Illness {
  const { reason, failures, remainingMs, tried } = other;
  const told = remainingMs === undefined ? undefined : now + remainingMs;
  const until = told === undefined ? mine?.until : Math.max(mine?.until ?? 0, told);
  const longer = until !== told && mine !== undefined;
  return {
    reason: longer ? mine.reason : reason,
    failures: Math.max(failures, mine?.failures ?? 0),
    tried,
    ...(until !== undefined && { until }),
  };
}

/** Undefined: not yet. */
function toRest(reason: RestReason, failures: number): number | undefined {
  const { patience, first, most } = RESTS[reason];
  return failures < patience ? undefined : Math.min(most, first * 2 ** Math.min(failures - patience, 20));
}

/** How soon to look again whether somebody else's trial went well. */
const TRIAL_MS = 500;
const MAX_REST_MS = 24 * 3_600_000;
const FORGET_MS = 3_600_000;

/** After how many failures in a row a name rests, for how long at first, doubling, and at most. Milliseconds. */
const RESTS: Record<RestReason, { patience: number; first: number; most: number }> = {
  "rate-limit": { patience: 1, first: 1000, most: 60_000 },
  quota: { patience: 1, first: 3_600_000, most: MAX_REST_MS },
  refused: { patience: 1, first: 60_000, most: 3_600_000 },
  failures: { patience: 5, first: 5000, most: 300_000 },
  busy: { patience: 3, first: 2000, most: 60_000 },
};
