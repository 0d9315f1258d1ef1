import { describe, expect, it } from "vitest";
import { DIALECTS, findDialects } from "../../../compat/tools/dialects/index.ts";
import { createTable } from "../../../compat/tools/marker-table.ts";

const names = Object.freeze(["save", "get_weather"]);
const table = createTable(findDialects(Object.keys(DIALECTS), names));
const yes = [false, true];
const settings = yes.flatMap((called) =>
  yes.flatMap((atLine) => (atLine ? yes : [false]).map((atStart) => ({ called, atLine, atStart }))),
);

describe("createTable", () => {
  it.each(settings)("knows which marks may count: %o", ({ called, atLine, atStart }) => {
    for (const [mark, entry] of table.entries) {
      const found = table.marks(atStart, atLine, called).next(mark, 0, true) === 0;
      const places =
        entry.kind === "open"
          ? entry.openers.map(({ opener }) => (opener.special ? "any" : (opener.where ?? "any")))
          : [entry.special ? "any" : entry.kind === "drop" ? "behind" : "behind, line"];
      const counts = places.some(
        (place) =>
          place === "any" ||
          (place === "behind" && called) ||
          (place === "start" && atStart) ||
          (place === "line" && atLine) ||
          (place === "behind, line" && called && atLine),
      );
      // A shorter mark may begin the same way.
      if (counts) expect(found, mark).toBe(true);
      else if (found)
        expect(table.marks(atStart, atLine, called).match(mark, 0, true, () => true)).not.toBe(mark);
    }
  });

  it("has fewer marks where less may count", () => {
    const next = (atLine: boolean): number => table.marks(false, atLine, false).next("Now save", 0, true);
    expect(next(false)).toBe(8);
    expect(next(true)).toBe(4);
  });
});

describe("findDialects", () => {
  it("gives one list for names that cannot change", () => {
    expect(findDialects(["tag", "named"], names)).toBe(findDialects(["tag", "named"], names));
    expect(findDialects(["tag"], names)).not.toBe(findDialects(["fence"], names));
    expect(findDialects(["tag"], [...names])).not.toBe(findDialects(["tag"], [...names]));
  });
});
