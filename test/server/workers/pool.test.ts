import { expect, it } from "vitest";
import { toDelay } from "../../../server/workers/pool.ts";

it("who goes on dying is replaced later and later, and never not at all", () => {
  expect([1, 2, 3, 4, 9, 100].map(toDelay)).toEqual([0, 250, 500, 1000, 30_000, 30_000]);
});
