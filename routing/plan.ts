import type { Strategy } from "../storage/types.ts";
import type { Health, RestReason } from "./health.ts";
import type { Latency } from "./latency.ts";
import type { Order } from "./order.ts";
import type { Candidate } from "./candidate.ts";
import { toNames, type Slot, type SlotNames } from "./slots.ts";

/** Why somebody is passed over. `limit`: what its key may be used for is used up. */
export type SkipReason = RestReason | "limit";

export interface Skipped {
  target: string;
  key: string;
  reason: SkipReason;
  /** Infinity: never for this request. */
  remainingMs: number;
}

/** Who is asked for one request. Whether somebody rests is looked up when somebody is picked, not before. */
export interface Plan {
  alias: string;
  /** Name of the rule that chose the alias. */
  rule?: string;
  strategy: Strategy;
  /** The one that `next` gives, without taking it. */
  peek: () => Candidate | undefined;
  /**
   * Somebody who was not asked yet and does not rest. `key`: the last one's target first, by other keys. `provider`:
   * only other providers than those asked so far.
   */
  next: (want?: "key" | "provider") => Candidate | undefined;
  /** Everybody may be asked again. */
  renew: () => void;
  /** The last one was put to rest. */
  rested: () => void;
  /** Of those who were put to rest, who is back may be asked again. False: nobody is. */
  readmit: () => boolean;
  /** Milliseconds until the first of those who rest may be asked; undefined: nobody rests. */
  waitMs: () => number | undefined;
  /** Who may not be asked now, and why. */
  resting: () => Skipped[];
}

export interface PlanOptions {
  slots: readonly Slot[];
  order: Order;
  strategy: Strategy;
  alias: string;
  rule?: string;
  health: Health;
  latency: Latency;
  conversation: () => number;
  /** Milliseconds until the key's own limits leave room for this request; 0: now, Infinity: never. */
  room: (slot: Slot) => number;
  toModel: (slot: Slot) => string;
  toCandidate: (slot: Slot, model: string, names: SlotNames) => Candidate;
}

export function createPlan(options: PlanOptions): Plan {
  const { slots, order, health, toModel } = options;
  let asked: Slot[] = [];
  let rested: Slot[] = [];
  let last: Slot | undefined;
  let peeked: Slot | undefined;

  const namesOf = (slot: Slot): SlotNames => toNames(slot, toModel(slot));
  const illOf = (slot: Slot): number => health.remaining(Object.values(namesOf(slot)));
  const restOf = (slot: Slot): number => Math.max(illOf(slot), options.room(slot));
  const limited = slots.some(({ provider }) => provider.limits !== undefined);
  const facts = {
    conversation: options.conversation,
    latency: (slot: Slot) => options.latency.of(namesOf(slot).target),
  };
  const pick = (want?: "key" | "provider"): Slot | undefined => {
    const well =
      health.well() && !limited && asked.length === 0
        ? slots
        : slots.filter((slot) => !asked.includes(slot) && restOf(slot) === 0);
    if (last === undefined || want === undefined) return order.pick(well, facts);
    if (want === "provider") {
      const failed = new Set(asked.map(({ providerId }) => providerId));
      return order.pick(
        well.filter(({ providerId }) => !failed.has(providerId)),
        facts,
      );
    }
    const siblings = well.filter(({ target }) => target === last?.target);
    return order.pick(siblings.length > 0 ? siblings : well, facts);
  };
  const give = (slot: Slot | undefined): Candidate | undefined => {
    if (!slot) return undefined;
    const model = toModel(slot);
    return options.toCandidate(slot, model, toNames(slot, model));
  };
  return {
    alias: options.alias,
    ...(options.rule !== undefined && { rule: options.rule }),
    strategy: options.strategy,
    peek: () => give((peeked ??= pick())),
    next(want) {
      const slot = peeked ?? pick(want);
      peeked = undefined;
      if (slot) {
        if (!asked.includes(slot)) asked.push(slot);
        last = slot;
      }
      return give(slot);
    },
    renew() {
      asked = [];
      rested = [];
    },
    rested() {
      if (last) rested.push(last);
    },
    readmit() {
      const back = rested.filter((slot) => restOf(slot) === 0);
      asked = asked.filter((slot) => !back.includes(slot));
      rested = rested.filter((slot) => !back.includes(slot));
      return back.length > 0;
    },
    waitMs() {
      const rests = slots.map(restOf).filter((ms) => ms > 0 && Number.isFinite(ms));
      return rests.length > 0 ? Math.min(...rests) : undefined;
    },
    resting() {
      // Asked for every request, and mostly nobody does.
      if (health.well() && !limited) return [];
      return slots.flatMap((slot) => {
        const names = namesOf(slot);
        const [ill, full] = [illOf(slot), options.room(slot)];
        const remainingMs = Math.max(ill, full);
        const reason = ill >= full ? health.reason(Object.values(names)) : "limit";
        return reason === undefined ? [] : [{ target: names.target, key: slot.keyName, reason, remainingMs }];
      });
    },
  };
}
