import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOrder } from "../../routing/order.ts";
import { hashText, type Slot } from "../../routing/slots.ts";

const slot = (rank: number, key: number, weight = 1): Slot => ({
  providerId: `p${rank}`,
  provider: { protocol: "openai", baseUrl: "http://a.example" },
  target: { target: `p${rank}/m` },
  rank,
  keyName: `p${rank}#${key}`,
  weight,
  hash: hashText(`p${rank}#${key}`),
});
const facts = (conversation = 0) => ({ conversation: () => conversation, latency: () => undefined });

/** How often each slot is picked. */
const count = (slots: Slot[], turns: number): number[] => {
  const order = createOrder("round-robin");
  const counts = new Map<Slot | undefined, number>();
  for (let turn = 0; turn < turns; turn++) {
    const picked = order.pick(slots, facts());
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  return slots.map((one) => counts.get(one) ?? 0);
};

describe("round-robin", () => {
  it("gives ten keys their share of 100,000 requests", () => {
    const counts = count(
      Array.from({ length: 10 }, (_, key) => slot(0, key)),
      100_000,
    );
    expect(counts).toEqual(Array<number>(10).fill(10_000));
  });

  it("gives every slot exactly its weight per round, spread over the round", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const slots = weights.map((weight, key) => slot(0, key, weight));
        expect(count(slots, total * 3)).toEqual(weights.map((weight) => weight * 3));
      }),
    );
    const order = createOrder("round-robin");
    const slots = [slot(0, 0, 5), slot(0, 1), slot(0, 2)];
    const round = Array.from({ length: 7 }, () => order.pick(slots, facts())?.keyName.slice(-1));
    expect(round.join("")).toBe("0010200");
  });

  it("shares what a resting slot would have had among all others", () => {
    const slots = Array.from({ length: 10 }, (_, key) => slot(0, key));
    const order = createOrder("round-robin");
    const counts = new Map<string | undefined, number>();
    for (let turn = 0; turn < 90_000; turn++) {
      const picked = order.pick(slots.slice(1), facts())?.keyName;
      counts.set(picked, (counts.get(picked) ?? 0) + 1);
    }
    for (const share of counts.values()) expect(Math.abs(share - 10_000)).toBeLessThanOrEqual(200);
    expect(counts.has(slots[0]?.keyName)).toBe(false);
  });

  it("picks nobody out of nobody", () =>
    expect(createOrder("round-robin").pick([], facts())).toBeUndefined());
});

describe("priority", () => {
  it("takes the first target that is ready, its keys in turn", () => {
    const order = createOrder("priority");
    const slots = [slot(0, 0), slot(0, 1), slot(1, 0)];
    const picks = Array.from({ length: 4 }, () => order.pick(slots, facts())?.keyName);
    expect(picks.toSorted()).toEqual(["p0#0", "p0#0", "p0#1", "p0#1"]);
    expect(order.pick(slots.slice(2), facts())?.keyName).toBe("p1#0");
  });
});

describe("sticky", () => {
  const slots = [slot(0, 0, 3), slot(0, 1), slot(1, 0), slot(1, 1)];
  const order = createOrder("sticky");
  const conversations = Array.from({ length: 20_000 }, (_, index) => hashText(`conversation ${index}`));

  it("keeps a conversation with its slot, and comes back to it", () => {
    for (const conversation of conversations.slice(0, 500)) {
      const first = order.pick(slots, facts(conversation));
      const others = slots.filter((one) => one !== first);
      const second = order.pick(others, facts(conversation));
      expect(second).not.toBe(first);
      expect(order.pick(slots.toReversed(), facts(conversation))).toBe(first);
      // Only those who were with the slot that went away move.
      for (const gone of others) {
        const left = slots.filter((one) => one !== gone);
        expect(order.pick(left, facts(conversation))).toBe(first);
      }
    }
  });

  it("does not read the conversation where there is nothing to choose", () => {
    const conversation = (): number => {
      throw new Error("was read");
    };
    expect(order.pick(slots.slice(0, 1), { ...facts(), conversation })).toBe(slots[0]);
    expect(order.pick([], { ...facts(), conversation })).toBe(undefined);
    expect(() => order.pick(slots, { ...facts(), conversation })).toThrow("was read");
  });

  it("shares conversations by weight", () => {
    const counts = slots.map(
      (one) => conversations.filter((conversation) => order.pick(slots, facts(conversation)) === one).length,
    );
    const expected = [10_000, 3333, 3333, 3333];
    counts.forEach((seen, index) => {
      expect(Math.abs(seen - (expected[index] ?? 0)) / 20_000).toBeLessThan(0.02);
    });
  });
});
