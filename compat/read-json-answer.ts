import type { Output } from "../adapters/unified.ts";
import { isObject } from "../adapters/validate.ts";
import { repairJson } from "./repair-json.ts";
import { settleArgs } from "./tools/arguments.ts";
import { validateArgs } from "./tools/validate-args.ts";
import { writeJson } from "./tools/values/json-value.ts";
import { parseJson } from "./tools/values/parse-json.ts";

export interface JsonAnswer {
  /** JSON text; the answer as it was where no JSON could be found in it. */
  text: string;
  /** Kinds of what had to be put right. */
  repairs: string[];
  /** What is wrong with it all the same, in words for a model. */
  problems: string[];
}

/**
 * The JSON in an answer that should be nothing else, judged by what was asked for. Tried in turn: the whole answer, what
 * stands in its fences, the first value in its prose; the first that fits counts, else the first that is JSON at all.
 */
export function readJsonAnswer(answer: string, output: Output): JsonAnswer {
  let first: JsonAnswer | undefined;
  for (const { text, repairs } of findCandidates(answer)) {
    const judged = judge(text, output);
    if (!judged) continue;
    const found = { ...judged, repairs: [...repairs, ...judged.repairs] };
    if (found.problems.length === 0) return found;
    first ??= found;
  }
  return first ?? { text: answer, repairs: [], problems: ["it is no valid JSON"] };
}

function judge(text: string, output: Output): JsonAnswer | undefined {
  const read = repairJson(text);
  if (!read) return undefined;
  const { value, repairs } = read;
  const json = repairs.length ? writeJson(value) : text;
  if (output.type === "json") {
    const problems = json.startsWith("{") ? [] : ["it is JSON, but no object"];
    return { text: json, repairs: toKinds(repairs), problems };
  }
  const problems = validateArgs(output.schema, value, writeJson(value));
  if (problems.length === 0 || !isObject(value)) return { text: json, repairs: toKinds(repairs), problems };
  const settled = settleArgs({ kind: "value", value }, output.schema);
  // What the schema does not know may be what matters: it is not taken out.
  return typeof settled === "object" && !settled.repairs.has("unknown argument")
    ? {
        text: settled.json,
        repairs: toKinds([...repairs, ...settled.repairs]),
        problems: settled.problems,
      }
    : { text: json, repairs: toKinds(repairs), problems };
}

const toKinds = (repairs: readonly string[]): string[] => repairs.map((kind) => `json ${kind}`);

function findCandidates(answer: string): { text: string; repairs: string[] }[] {
  const whole = answer.trim();
  const fenced = [
    ...whole.matchAll(/^[ \t]{0,8}```[\w-]{0,20}[ \t]*\r?\n([^]*?)(?:^[ \t]{0,8}```|$(?![^]))/gm),
  ];
  const blocks = fenced.slice(0, MAX_FENCES).map(([, inner = ""]) => inner.trim());
  const at = whole.search(/[{[]/);
  const value = at > 0 ? parseJson(whole, at) : undefined;
  return [
    ...(whole.startsWith("```") ? [] : [{ text: whole, repairs: [] }]),
    ...blocks.map((text) => ({ text, repairs: ["json fence"] })),
    ...(value && !value.cut ? [{ text: whole.slice(at, value.end), repairs: ["json in prose"] }] : []),
  ];
}

const MAX_FENCES = 8;
