import { perFrozen } from "../../../adapters/per-frozen.ts";
import type { Dialect } from "../block.ts";
import { bareJson, bareList } from "./bare.ts";
import { callTags } from "./call-tags.ts";
import { fence } from "./fence.ts";
import { createFunctionary } from "./functionary.ts";
import { functionGemma, gemma } from "./gemma.ts";
import { harmony } from "./harmony.ts";
import { apertus, command, gigachat, granite, granite20b, internlm, llama, phi } from "./marked-json.ts";
import { lfm, llama4 } from "./marked-python.ts";
import { mistral } from "./mistral.ts";
import { createNamed } from "./named.ts";
import { react } from "./react.ts";
import { deepseek, kimi } from "./sections.ts";
import { tag } from "./tag.ts";
import { createToolTags } from "./tool-tags.ts";
import { turnEnds } from "./turn-ends.ts";

/** The dialects of these names, for tools of those. */
export function findDialects(dialects: readonly string[], tools: readonly string[]): readonly Dialect[] {
  const found = foundFor(tools);
  const key = dialects.join(" ");
  let list = found.get(key);
  if (!list) {
    list = dialects.flatMap((name) => DIALECTS[name]?.(tools) ?? []);
    if (Object.isFrozen(tools)) Object.freeze(list);
    found.set(key, list);
  }
  return list;
}

const foundFor = perFrozen((_tools: readonly string[]) => new Map<string, readonly Dialect[]>());

/** Every dialect there is, by name. Some need the request's tool names as their markers. */
export const DIALECTS: Record<string, (names: readonly string[]) => Dialect> = {
  tag: () => tag,
  "call-tags": () => callTags,
  fence: () => fence,
  "bare-json": () => bareJson,
  "bare-list": () => bareList,
  named: (names) => createNamed(names, { python: false }),
  "named-python": (names) => createNamed(names, { python: true }),
  functionary: (names) => createFunctionary(names),
  "tool-tags": (names) => createToolTags(names),
  deepseek: () => deepseek,
  kimi: () => kimi,
  mistral: () => mistral,
  harmony: () => harmony,
  gemma: () => gemma,
  "function-gemma": () => functionGemma,
  granite: () => granite,
  "granite-20b": () => granite20b,
  internlm: () => internlm,
  command: () => command,
  apertus: () => apertus,
  gigachat: () => gigachat,
  llama: () => llama,
  llama4: () => llama4,
  lfm: () => lfm,
  phi: () => phi,
  react: () => react,
  "turn-ends": () => turnEnds,
};
