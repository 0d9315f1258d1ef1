import type { Json } from "../../adapters/validate.ts";
import { toExample } from "./example.ts";
import type { DemoTool } from "./turn.ts";

export interface DemoCall {
  name: string;
  args: Json;
}

/** The call the user asks for: the first tool that the text names, else the first that it names a word of. */
export function findDemoCall(tools: DemoTool[], text: string): DemoCall | undefined {
  const said = new Set(toWords(text));
  const lower = text.toLowerCase();
  const tool =
    tools.find(({ name }) => name.length > 2 && containsWord(lower, name.toLowerCase())) ??
    tools.find(({ name }) => toWords(name).some((word) => word.length > 3 && said.has(word)));
  if (!tool) return undefined;
  const args = toExample({ ...tool.parameters, type: "object" }, text) as Json;
  return { name: tool.name, args };
}

function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isLetter(text[at - 1]) && !isLetter(text[at + word.length])) return true;
  }
  return false;
}

/** Lower-case words; names are taken apart at `_`, `-`, dots and capitals. */
const toWords = (text: string): string[] =>
  text
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

const isLetter = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);
