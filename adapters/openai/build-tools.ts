import { toFunctionTool } from "../custom-tools.ts";
import { findTool } from "../tool-ids.ts";
import { createToolsBuilder } from "../tools-builder.ts";
import { compact, isObject, type Json } from "../validate.ts";
import type { Tool } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { Quirks } from "./quirks.ts";
import { toolNameRule } from "./tool-name-rule.ts";

export function buildTools({ request, quirks, toWire, dropped }: BuildContext): readonly Json[] {
  const given = request.tools ?? [];
  const built = builderFor(quirks)(given, toWire);
  if (quirks.noStrict && given.some((tool) => tool.strict && !isNativeCustom(tool, quirks.customTools)))
    dropped.push("strict");
  if (!request.serverTools) return built;
  const tools = [...built];
  for (const tool of request.serverTools) {
    if (tool.origin === "openai" && isObject(tool.body)) tools.push(tool.body);
    else dropped.push(tool.name);
  }
  return tools;
}

type Builder = ReturnType<typeof createToolsBuilder<Json>>;

/** One for each kind of provider. */
function builderFor(quirks: Quirks): Builder {
  let builder = builders.get(quirks);
  if (!builder) {
    builder = createToolsBuilder(toolNameRule, (tool, name) => buildTool(tool, name, quirks));
    builders.set(quirks, builder);
  }
  return builder;
}

const builders = new WeakMap<Quirks, Builder>();

function buildTool(tool: Tool, name: string, quirks: Quirks): Json {
  if (isNativeCustom(tool, quirks.customTools)) {
    const { description, format } = tool;
    return { type: "custom", custom: compact({ name, description, format: toWireFormat(format) }) };
  }
  const { description, parameters, strict, cache } = toFunctionTool(tool);
  const definition = compact({
    name,
    description,
    parameters: toObjectSchema(parameters),
    strict: quirks.noStrict ? undefined : strict,
  });
  const mark = quirks.cacheControl && cache !== undefined ? { cache_control: cache } : {};
  return { type: "function", function: definition, ...mark };
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
