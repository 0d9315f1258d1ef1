import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = join(root, "scripts/mutants");
type Mutant = [name: string, file: string, found: string, put: string, tests: string[]];

describe.each(readdirSync(folder))("%s", (name) => {
  it("takes away what stands there, and names tests that there are", async () => {
    const lists = (await import(pathToFileURL(join(folder, name)).href)) as Record<string, Mutant[]>;
    const mutants = Object.values(lists).flat();
    expect(mutants.length).toBeGreaterThan(0);
    for (const [what, file, found, put, tests] of mutants) {
      expect({ what, stands: readFileSync(join(root, file), "utf8").includes(found) }).toEqual({
        what,
        stands: true,
      });
      expect(put).not.toBe(found);
      for (const test of tests) expect(() => readdirSync(join(root, test, "..")), test).not.toThrow();
    }
  });
});
