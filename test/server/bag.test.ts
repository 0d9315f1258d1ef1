import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBag } from "../../server/bag.ts";

describe("createBag", () => {
  it("holds what was put in and not taken out, like a set", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ item: fc.nat(9), add: fc.boolean() })), (steps) => {
        const items = Array.from({ length: 10 }, (_, id) => ({ id, place: -1 }));
        const bag = createBag<{ id: number; place: number }>();
        const set = new Set<number>();
        for (const { item, add } of steps) {
          if (add) {
            bag.add(items[item]!);
            set.add(item);
          } else {
            bag.remove(items[item]!);
            set.delete(item);
          }
          expect(
            bag
              .all()
              .map(({ id }) => id)
              .toSorted(),
          ).toEqual([...set].toSorted());
          for (const { id, place } of items) expect(place !== -1).toBe(set.has(id));
        }
      }),
    );
  });

  it("gives what is in it now, whatever happens to it meanwhile", () => {
    const bag = createBag<{ place: number }>();
    const items = [{ place: -1 }, { place: -1 }, { place: -1 }];
    for (const item of items) bag.add(item);
    const seen = bag.all().filter((item) => {
      bag.remove(item);
      return true;
    });
    expect(seen).toHaveLength(3);
    expect(bag.all()).toEqual([]);
  });
});
