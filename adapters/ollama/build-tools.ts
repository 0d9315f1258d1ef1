import { createToolsBuilder } from "../tools-builder.ts";
import { toFunctionTool } from "../custom-tools.ts";
import type { Tool } from "../unified.ts";
import { compact, isObject, type Json } from "../validate.ts";
import type { OllamaTool } from "./wire.ts";

/** Ollama takes any name. */
export const buildTools = (tools: readonly Tool[]): readonly OllamaTool[] => buildAll(tools, (name) => name);

const buildAll = createToolsBuilder(undefined, buildTool);

function buildTool(tool: Tool): OllamaTool {
  const { name, description, parameters } = toFunctionTool(tool);
  return {
    type: "function",
    function: compact({ name, description, parameters: toOllamaSchema(parameters) }),
  };
}

/**
 * A schema that Ollama's structs take. It keeps `type`, `description`, `enum`, `items`, `properties`, `required` and
 * `anyOf` and answers 400 when one of them has another shape than it expects; everything else it leaves unread. So
 * `$ref`s are put in place, `oneOf` and `const` are said with what it reads, and odd shapes are made even.
 */
export function toOllamaSchema(schema: Json): Json {
  const definitions = { root: schema, budget: MAX_NODES };
  const result = toProperty(schema, definitions, 0);
  const properties = isObject(result.properties) ? result.properties : {};
  return { ...result, type: "object", properties };
}

interface Definitions {
  root: Json;
  /** Nodes that may still be written: references may multiply. */
  budget: number;
}

function toProperty(value: unknown, definitions: Definitions, depth: number): Json {
  // `true` stands for "anything".
  if (!isObject(value) || depth > MAX_DEPTH || definitions.budget-- <= 0) return {};
  const target = typeof value.$ref === "string" ? resolve(value.$ref, definitions.root) : undefined;
  if (target) {
    const { $ref: _ref, ...beside } = value;
    return toProperty({ ...target, ...beside }, definitions, depth + 1);
  }
  const inner = (item: unknown): Json => toProperty(item, definitions, depth + 1);
  const { $defs: _defs, definitions: _definitions, oneOf, const: constant, ...kept } = value;
  const anyOf = Array.isArray(value.anyOf) ? value.anyOf : Array.isArray(oneOf) ? oneOf : undefined;
  const values = Array.isArray(value.enum) ? value.enum : constant === undefined ? undefined : [constant];
  return compact({
    ...kept,
    type: isType(value.type) ? value.type : undefined,
    description: typeof value.description === "string" ? value.description : undefined,
    enum: values,
    anyOf: anyOf?.map(inner),
    items: isObject(value.items) ? inner(value.items) : undefined,
    properties: isObject(value.properties) ? mapValues(value.properties, inner) : undefined,
    required: Array.isArray(value.required)
      ? value.required.filter((key) => typeof key === "string")
      : undefined,
  });
}

/** The definition a local reference (`#/$defs/Name`) points to. */
function resolve(ref: string, root: Json): Json | undefined {
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isObject(at) ? at : undefined;
}

function mapValues(object: Json, map: (value: unknown) => Json): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

const isType = (value: unknown): boolean =>
  typeof value === "string" || (Array.isArray(value) && value.every((item) => typeof item === "string"));

const MAX_DEPTH = 16;
const MAX_NODES = 3000;
