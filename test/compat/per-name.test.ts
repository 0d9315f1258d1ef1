import { expect, it } from "vitest";
import { perName } from "../../compat/per-name.ts";

it("reads a name once, and forgets when there are too many", () => {
  const read: string[] = [];
  const lengthOf = perName((model) => {
    read.push(model);
    return model.length > 1 ? model.length : undefined;
  });
  for (const model of ["a", "a", "bb", "bb"]) expect(lengthOf(model)).toBe(model === "a" ? undefined : 2);
  expect(read).toEqual(["a", "bb"]);
  for (let at = 0; at < 200; at++) lengthOf(`model-${at}`);
  expect(lengthOf("bb")).toBe(2);
  expect(read.filter((model) => model === "bb")).toHaveLength(2);
});
