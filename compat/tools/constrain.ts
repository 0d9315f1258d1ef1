import { toFunctionTool } from "../../adapters/custom-tools.ts";
import type { Output, Tool } from "../../adapters/unified.ts";
import { isObject, type Json } from "../../adapters/validate.ts";
import { gatherText } from "../gather-text.ts";
import { repairJson } from "../repair-json.ts";
import type { ReadCall } from "./block.ts";
import { declaredTypes } from "./check-args.ts";
import type { CallReader } from "./read-calls.ts";

/** An answer that can be nothing but calls, by a grammar that the provider makes of a schema. */
export interface Constraint {
  output: Output;
  /** What the model is told of it. */
  rule: string;
}

/**
 * The form for an answer that must be a call: one object, or with `many` a list of them. Names come first, so that the
 * arguments' grammar follows from them. undefined where the tools say too much for a grammar.
 */
export function constrainToCalls(
  tools: readonly Tool[],
  { many }: { many: boolean },
): Constraint | undefined {
  const definitions: Json = {};
  const forms: Json[] = [];
  for (const [index, tool] of tools.entries()) {
    const { parameters } = toFunctionTool(tool);
    const schema = simplify(parameters, `#/$defs/tool_${index}`);
    if (!schema) return undefined;
    const refers = JSON.stringify(schema).includes('"$ref"');
    if (refers) definitions[`tool_${index}`] = schema;
    const args = refers ? { $ref: `#/$defs/tool_${index}` } : schema;
    forms.push(closed({ name: { type: "string", enum: [tool.name] }, arguments: args }));
  }
  const [first, ...others] = forms;
  if (!first) return undefined;
  const call = others.length ? { anyOf: forms } : first;
  // At the root an object, and no alternatives: OpenAI takes nothing else.
  const list = { type: "array", items: call, minItems: 1, ...(!many && { maxItems: 1 }) };
  const schema = many || others.length ? closed({ tool_calls: list }) : first;
  if (Object.keys(definitions).length) schema.$defs = definitions;
  const shown = '{"name": …, "arguments": {…}}';
  const form = schema === first ? shown : `{"tool_calls": [${shown}]}`;
  return {
    output: { type: "json-schema", name: "tool_calls", schema },
    rule: `Answer with nothing but the call, as JSON: ${form}`,
  };
}

const closed = (properties: Json): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/**
 * What grammars are made of, and nothing else: patterns and formats break some engines, limits others, and the call is
 * checked by its own schema anyway. References point to where the schema will stand, `root`. undefined: too large.
 */
function simplify(schema: unknown, root: string): Json | undefined {
  let nodes = 0;
  let tooLarge = false;
  const visit = (rule: unknown, depth: number): unknown => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) tooLarge = true;
    if (tooLarge || !isObject(rule)) return typeof rule === "boolean" ? rule : {};
    if (typeof rule.$ref === "string" && rule.$ref.startsWith("#"))
      return { $ref: root + rule.$ref.slice(1) };
    const out: Json = {};
    const types = declaredTypes(rule);
    if (types.length) out.type = types.length === 1 ? types[0] : types;
    for (const [word, value] of Object.entries(rule)) {
      switch (Object.hasOwn(KEYWORDS, word) ? KEYWORDS[word] : undefined) {
        case "value":
          out[word] = value;
          break;
        case "rule":
          if (!Array.isArray(value)) out[word] = visit(value, depth + 1);
          break;
        case "rules":
          if (Array.isArray(value))
            out[word === "oneOf" ? "anyOf" : word] = value.map((part) => visit(part, depth + 1));
          break;
        case "map":
          if (isObject(value)) out[word] = visitMap(value, depth);
          break;
        default:
      }
    }
    return out;
  };
  const visitMap = (map: Json, depth: number): Json =>
    Object.fromEntries(Object.entries(map).map(([key, part]) => [key, visit(part, depth + 1)]));
  const simple = visit(schema, 0);
  return tooLarge ? undefined : { ...(isObject(simple) && simple), type: "object" };
}

/**
 * Reads an answer that was held to `constrainToCalls`: nothing of it is known before its end. Providers that know no
 * schema answer as the prompt asks; such an answer goes to the reader that `open` gives.
 */
export function createConstrainedReader(open: () => CallReader): CallReader {
  const text = gatherText();
  let begun = false;
  let other: CallReader | undefined;
  const giveAway = (): CallReader => (other = open());
  return {
    push(piece) {
      if (other) return other.push(piece);
      text.push(piece);
      if (begun || piece.trim() === "") return [];
      begun = true;
      return piece.trimStart().startsWith("{") ? [] : giveAway().push(text.text());
    },
    end() {
      if (other) return other.end();
      const raw = text.text();
      const read = repairJson(raw);
      const calls = toCalls(read?.value);
      if (read && calls)
        return [{ type: "calls", calls, raw, blank: "", dialect: "schema", repairs: read.repairs }];
      if (!read && /^\s*\{\s*"(?:tool_calls|name)"/.test(raw)) return [{ type: "truncated", raw }];
      const reader = giveAway();
      return [...reader.push(raw), ...reader.end()];
    },
  };
}

function toCalls(value: unknown): ReadCall[] | undefined {
  if (!isObject(value)) return undefined;
  const items = Array.isArray(value.tool_calls) ? value.tool_calls : [value];
  const calls = items.flatMap((item): ReadCall[] =>
    isObject(item) && typeof item.name === "string"
      ? [{ name: item.name, args: { kind: "value", value: item.arguments } }]
      : [],
  );
  return calls.length === items.length && calls.length ? calls : undefined;
}

/** Of one tool's schema. */
const MAX_NODES = 2000;
const MAX_DEPTH = 24;

const KEYWORDS: Record<string, "value" | "rule" | "rules" | "map"> = {
  enum: "value",
  const: "value",
  required: "value",
  minItems: "value",
  maxItems: "value",
  items: "rule",
  additionalProperties: "rule",
  prefixItems: "rules",
  anyOf: "rules",
  oneOf: "rules",
  allOf: "rules",
  properties: "map",
  $defs: "map",
  definitions: "map",
};
