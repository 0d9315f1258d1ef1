import { expect, it } from "vitest";
import { NOTATIONS } from "../../../compat/tools/notations.ts";
import { tellNotation } from "../../../compat/tools/tell-notation.ts";

it.each(Object.keys(NOTATIONS))("%s is told by how it is written", (name) => {
  const raw = NOTATIONS[name]?.render([{ name: "find", args: '{"query": "a", "limit": 3}' }]) ?? "";
  expect(tellNotation(`\n${raw}`)).toBe(name);
});

it.each([
  "<find><query>a</query></find>",
  "find(query=1)",
  '{"name": "find"}',
  "<tool_call>find</tool_call>",
])("%j is none to ask for", (raw) => expect(tellNotation(raw)).toBeUndefined());
