import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DIALECTS } from "../compat/tools/dialects/index.ts";
import { NOTATIONS } from "../compat/tools/notations.ts";
import { answer } from "./compat/dialect-tools.ts";

/** The examples in the documentation are read as it says. */
const page = readFileSync(new URL("../docs/dialects.md", import.meta.url), "utf8");
const sections = page.split(/^### /m).slice(1);
const examples = sections.flatMap((section) => {
  const name = /^`([\w-]+)`/.exec(section)?.[1] ?? "";
  return [...section.matchAll(/^~~~~text (\S+)\n([^]*?)\n~~~~$/gm)].map(([, model = "", text = ""]) => ({
    name,
    model,
    text,
  }));
});

it("every dialect has a section with an example, every notation a row", () => {
  const named = [...new Set(examples.map(({ name }) => name))].sort();
  expect(named).toEqual(Object.keys(DIALECTS).sort());
  for (const notation of Object.keys(NOTATIONS)) expect(page).toContain(`\n| \`${notation}\` |`);
});

describe("examples", () => {
  it.each(examples)("$name of $model", ({ name, model, text }) => {
    for (const pieces of [[text], [...text]]) {
      const { calls, content } = answer([pieces], { model });
      if (name === "turn-ends") expect({ calls, content }).toEqual({ calls: [], content: "Done." });
      else expect(calls).toEqual([{ name: "list_files", args: { path: "src" } }]);
      expect(content).not.toMatch(/list_files|[<>|]/);
    }
  });
});
