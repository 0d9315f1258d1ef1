import type { Strategy } from "../storage/types.ts";
import type { Slot } from "./slots.ts";

/** What the choice may depend on beside the slots themselves. */
export interface OrderFacts {
  /** Stable hash of the conversation; asked for where the choice depends on it. */
  conversation: () => number;
  /** Milliseconds until a target lately began to answer; undefined: not measured. */
  latency: (slot: Slot) => number | undefined;
}

/** Picks the slot that is asked first, or next, out of those that may be asked. One per alias: it remembers turns. */
export interface Order {
  pick: (ready: readonly Slot[], facts: OrderFacts) => Slot | undefined;
}

export function createOrder(strategy: Strategy): Order {
  const turns = createTurns();
  switch (strategy) {
    case "round-robin":
      return { pick: turns };
    case "priority":
      return { pick: (ready) => turns(best(ready, (slot) => slot.rank)) };
    case "least-latency":
      // What was not measured comes first, so that it is.
      return { pick: (ready, { latency }) => turns(best(ready, (slot) => latency(slot) ?? -1)) };
    case "sticky":
      return { pick: (ready, { conversation }) => stickTo(ready, conversation) };
    default:
      return strategy satisfies never;
  }
}

/**
 * Smooth weighted round-robin over whatever is ready: the slot that is most behind its share comes next. Who rests
 * neither gains nor loses, and its share goes to all others alike.
 */
function createTurns(): (ready: readonly Slot[]) => Slot | undefined {
  const credit = new WeakMap<Slot, number>();
  return (ready) => {
    if (ready.length < 2) return ready[0];
    let total = 0;
    let next: Slot | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const slot of ready) {
      const owed = (credit.get(slot) ?? 0) + slot.weight;
      credit.set(slot, owed);
      total += slot.weight;
      if (owed > most) [next, most] = [slot, owed];
    }
    if (next) credit.set(next, most - total);
    return next;
  };
}

/**
 * Rendezvous hashing: every slot draws a lot for the conversation, the highest wins. The same conversation gets the
 * same slot while it is ready, another one when it is not, and only the conversations of a slot that went away move.
 */
function stickTo(ready: readonly Slot[], toConversation: () => number): Slot | undefined {
  if (ready.length < 2) return ready[0];
  const conversation = toConversation();
  let winner: Slot | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const slot of ready) {
    // The logarithm makes shares follow the weights.
    const lot = slot.weight / -Math.log(draw(slot.hash, conversation));
    if (lot > highest) [winner, highest] = [slot, lot];
  }
  return winner;
}

/** A number between 0 and 1, both exclusive: the two mixed until no bit tells of either (murmur3's finish). */
function draw(a: number, b: number): number {
  let mixed = a ^ Math.imul(b, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

function best(slots: readonly Slot[], measure: (slot: Slot) => number): Slot[] {
  let least = Number.POSITIVE_INFINITY;
  let found: Slot[] = [];
  for (const slot of slots) {
    const value = measure(slot);
    if (value < least) [found, least] = [[slot], value];
    else if (value === least) found.push(slot);
  }
  return found;
}
