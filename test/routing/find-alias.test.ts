import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createAliasIndex } from "../../routing/find-alias.ts";
import { matchesGlob, specificity } from "../../routing/glob.ts";

const find = (aliases: string[], name: string) => createAliasIndex(aliases).find(name);

describe("createAliasIndex", () => {
  it("takes the exact name before any pattern", () => {
    const aliases = ["*", "claude-*", "claude-sonnet-4-5*", "claude-sonnet-4-5"];
    expect(find(aliases, "claude-sonnet-4-5")).toBe("claude-sonnet-4-5");
    expect(find(aliases, "claude-sonnet-4-5-20250929")).toBe("claude-sonnet-4-5*");
    expect(find(aliases, "claude-opus")).toBe("claude-*");
    expect(find(aliases, "gpt")).toBe("*");
  });

  it("takes the most specific pattern, whatever the order in the file", () => {
    for (const aliases of [
      ["*", "*-4o", "gpt-4*", "gpt-4?-mini"],
      ["gpt-4?-mini", "gpt-4*", "*-4o", "*"],
    ]) {
      expect(find(aliases, "gpt-4o-mini")).toBe("gpt-4?-mini");
      expect(find(aliases, "gpt-4-turbo")).toBe("gpt-4*");
      expect(find(aliases, "x-4o")).toBe("*-4o");
    }
  });

  it("does not mind the case, and gives the alias as it was written", () => {
    expect(find(["Qwen3", "GLM-*"], "qwen3")).toBe("Qwen3");
    expect(find(["Qwen3", "GLM-*"], "glm-4.6")).toBe("GLM-*");
  });

  it("trap 46: finds the name of `name:latest`", () => {
    expect(find(["qwen3"], "qwen3:latest")).toBe("qwen3");
    expect(find(["qwen3"], "QWEN3:LATEST")).toBe("qwen3");
    expect(find(["qwen3"], "qwen3:8b")).toBeUndefined();
    expect(find(["qwen3:latest"], "qwen3:latest")).toBe("qwen3:latest");
    expect(find(["qwen3", "qwen3:latest"], "qwen3:latest")).toBe("qwen3:latest");
    expect(find(["qwen3", "qwen3:latest"], "qwen3")).toBe("qwen3");
    expect(find(["*:latest", "qwen3"], "qwen3:latest")).toBe("qwen3");
  });

  it("trap 46: finds `name:latest` where the alias was written with its tag", () => {
    expect(find(["qwen3:latest", "*"], "qwen3")).toBe("qwen3:latest");
  });

  it("trap 46: patterns are held against the name with and without `:latest`", () => {
    expect(find(["gpt-4?"], "gpt-4o:latest")).toBe("gpt-4?");
    expect(find(["*", "gpt-4?"], "gpt-4o:latest")).toBe("gpt-4?");
    expect(find(["*:latest"], "a:latest")).toBe("*:latest");
    expect(find(["*:latest"], "a")).toBeUndefined();
  });

  it("finds nothing where nothing fits", () => {
    expect(find([], "a")).toBeUndefined();
    expect(find(["a", "b*"], "")).toBeUndefined();
    expect(find(["a"], "constructor")).toBeUndefined();
    expect(find(["a"], "__proto__")).toBeUndefined();
  });

  it("lists exact names and patterns apart", () => {
    const index = createAliasIndex(["b", "*", "A", "a-*"]);
    expect(index.exact).toEqual(["b", "A"]);
    expect(index.globs).toEqual(["a-*", "*"]);
  });

  it("keeps its order of preference for all aliases and names", () => {
    const alias = fc.stringMatching(/^[ab*?-]{1,5}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(alias, { maxLength: 8 }),
        fc.stringMatching(/^[abAB-]{1,5}$/),
        (aliases, name) => {
          const index = createAliasIndex(aliases);
          const found = index.find(name);
          const exact = index.exact.find((one) => one.toLowerCase() === name.toLowerCase());
          const fitting = index.globs.filter((glob) => matchesGlob(glob, name));
          if (exact !== undefined) expect(found).toBe(exact);
          else if (fitting.length === 0) expect(found).toBeUndefined();
          else {
            expect(fitting).toContain(found);
            expect(specificity(found ?? "")).toBe(Math.max(...fitting.map(specificity)));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
