import { expect, it } from "vitest";
import { toPause } from "../../routing/back-off.ts";

it("lets chance choose out of a range that doubles to four seconds", () => {
  const most = [1, 2, 3, 4, 5, 6, 60].map((retry) => toPause(retry, () => 1));
  expect(most).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  expect(toPause(3, () => 0)).toBe(0);
});
