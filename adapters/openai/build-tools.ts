import { toFunctionTool } from "../custom-tools.ts";
import { perFrozen } from "../per-frozen.ts";
import { findTool } from "../tool-ids.ts";
import { fits } from "../tool-names.ts";
import { compact, isObject, type Json } from "../validate.ts";
import type { Tool } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { Quirks } from "./quirks.ts";
import { toolNameRule } from "./tool-name-rule.ts";

export function buildTools(context: BuildContext): Json[] {
  const { request, dropped } = context;
  const built = buildGiven(context);
  dropped.push(...built.dropped);
  if (!request.serverTools) return built.tools;
  const tools = [...built.tools];
  for (const tool of request.serverTools) {
    if (tool.origin === "openai" && isObject(tool.body)) tools.push(tool.body);
    else dropped.push(tool.name);
  }
  return tools;
}

interface Built {
  tools: Json[];
  dropped: string[];
}

/** Tools that many requests have in common are built once for each kind of provider. */
function buildGiven({ request, quirks, toWire }: BuildContext): Built {
  const given = request.tools ?? [];
  // A name that has to be changed depends on what else there is in the request.
  if (!Object.isFrozen(given) || !allFit(given)) return build(given, quirks, toWire);
  const known = builtOf(given);
  let built = known.get(quirks);
  if (!built) {
    built = build(given, quirks, toWire);
    Object.freeze(built.tools);
    known.set(quirks, built);
  }
  return built;
}

const builtOf = perFrozen((_tools: readonly Tool[]) => new WeakMap<Quirks, Built>());

const allFit = perFrozen((tools: readonly Tool[]) => tools.every(({ name }) => fits(name, toolNameRule)));

function build(given: readonly Tool[], quirks: Quirks, toWire: BuildContext["toWire"]): Built {
  const dropped: string[] = [];
  const tools = given.map((tool): Json => {
    const name = toWire(tool.name);
    if (tool.kind === "custom" && quirks.customTools) {
      const { description, format } = tool;
      return { type: "custom", custom: compact({ name, description, format: toWireFormat(format) }) };
    }
    const { description, parameters, strict, cache } = toFunctionTool(tool);
    if (strict && quirks.noStrict) dropped.push("strict");
    const definition = compact({
      name,
      description,
      parameters: toObjectSchema(parameters),
      strict: quirks.noStrict ? undefined : strict,
    });
    const mark = quirks.cacheControl && cache !== undefined ? { cache_control: cache } : {};
    return { type: "function", function: definition, ...mark };
  });
  return { tools, dropped };
}

export function buildToolChoice({ request, quirks, toWire }: BuildContext): unknown {
  const choice = request.toolChoice;
  if (typeof choice !== "object") return choice;
  const name = toWire(choice.name);
  return isNativeCustom(findTool(request, choice.name), quirks.customTools)
    ? { type: "custom", custom: { name } }
    : { type: "function", function: { name } };
}

export const isNativeCustom = (tool: Tool | undefined, known: boolean): boolean =>
  known && tool?.kind === "custom";

/** OpenAI refuses an object schema without `properties`, and some clients write an empty one as a list. */
function toObjectSchema(schema: Json): Json {
  const isPlainObject = schema.type === undefined || schema.type === "object";
  if (!isPlainObject || isObject(schema.properties))
    return schema.type === undefined ? { ...schema, type: "object" } : schema;
  return { ...schema, type: "object", properties: {} };
}

/** Responses writes a grammar flat, chat completions one level deeper. */
function toWireFormat(format: unknown): unknown {
  if (!isObject(format) || format.type !== "grammar" || format.grammar !== undefined) return format;
  const { type, ...grammar } = format;
  return { type, grammar };
}
