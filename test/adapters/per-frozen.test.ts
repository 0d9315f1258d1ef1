import { expect, it } from "vitest";
import { perFrozen } from "../../adapters/per-frozen.ts";

it("works out once what cannot change, and anew what can", () => {
  let made = 0;
  const count = perFrozen((list: readonly unknown[]) => {
    made++;
    return list.length;
  });
  const list = [1, 2];
  const frozen = Object.freeze([1, 2, 3]);
  expect([count(list), count(frozen), count(frozen)]).toEqual([2, 3, 3]);
  expect(made).toBe(2);
  list.push(3, 4);
  expect(count(list)).toBe(4);
});

it("keeps nothing of what failed, and what is undefined", () => {
  let made = 0;
  const fail = perFrozen((list: readonly unknown[]) => {
    made++;
    if (list.length) throw new Error("no");
  });
  const [full, empty] = [Object.freeze([1]), Object.freeze([])];
  for (let time = 0; time < 2; time++) expect(() => fail(full)).toThrow("no");
  for (let time = 0; time < 2; time++) expect(fail(empty)).toBeUndefined();
  expect(made).toBe(3);
});
