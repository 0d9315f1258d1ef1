import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { batchLines } from "../../cli/batch-lines.ts";

it("writes the lines of one turn together, and none twice", async () => {
  const written: string[] = [];
  const log = batchLines((lines) => written.push(lines));
  log.add("a");
  log.add("b");
  expect(written).toEqual([]);
  await turn();
  log.add("c");
  log.flush();
  log.flush();
  await turn();
  expect(written).toEqual(["a\nb\n", "c\n"]);
});
