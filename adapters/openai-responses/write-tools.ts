import { createNameMap, type NameMap } from "../tool-names.ts";
import { findTool } from "../tool-ids.ts";
import type { Tool, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { builtInBody } from "./built-in-tools.ts";
import { NAMESPACE_DESCRIPTION } from "./tool-table.ts";
import { nativeFields, nativeName, PROTOCOL } from "./wire.ts";

/** The request's tools as this protocol lists them; a client of this protocol gets its namespaces and fields back. */
export function writeTools(request: UnifiedRequest, names: NameMap): Json[] {
  const native = isNative(request);
  const list: Json[] = [];
  const namespaces = new Map<string, Json[]>();
  for (const tool of request.tools ?? []) {
    if (!native || tool.namespace === undefined) {
      list.push(writeTool(tool, names.toWire(tool.name), native));
      continue;
    }
    let nested = namespaces.get(tool.namespace);
    if (!nested) {
      nested = [];
      namespaces.set(tool.namespace, nested);
      const description = tool.extra?.[NAMESPACE_DESCRIPTION] ?? "";
      list.push({ type: "namespace", name: tool.namespace, description, tools: nested });
    }
    nested.push(writeTool(tool, nativeName(tool), native));
  }
  for (const tool of request.serverTools ?? []) {
    if (tool.origin === PROTOCOL && isObject(tool.body)) list.push(tool.body);
  }
  return list;
}

/** `tool_choice`; undefined where the request leaves it open. */
export function writeToolChoice(request: UnifiedRequest, names: NameMap): unknown {
  const choice = request.toolChoice;
  if (typeof choice !== "object") return choice;
  const tool = findTool(request, choice.name);
  const builtIn = builtInBody(tool);
  if (builtIn) return { type: builtIn.type };
  const type = tool?.kind === "custom" ? "custom" : "function";
  return { type, ...writeToolName(request, choice.name, names) };
}

/** A tool's name as the provider is to see it, with its namespace where it has one. */
export function writeToolName(
  request: UnifiedRequest,
  name: string,
  names: NameMap,
): { name: string; namespace?: string } {
  const tool = isNative(request) ? findTool(request, name) : undefined;
  if (tool?.namespace === undefined) return { name: names.toWire(name) };
  return { name: nativeName(tool), namespace: tool.namespace };
}

/** The unified name of a tool that the provider called `name`, perhaps within a namespace. */
export function readToolName(
  request: UnifiedRequest,
  name: string,
  names: NameMap,
  namespace?: unknown,
): string {
  if (typeof namespace === "string") {
    const tool = request.tools?.find((tool) => tool.namespace === namespace && nativeName(tool) === name);
    if (tool) return tool.name;
  }
  const known = names.fromWire(name);
  if (findTool(request, known)) return known;
  // Some providers leave the namespace out where only one tool can be meant.
  const meant = request.tools?.filter((tool) => nativeName(tool) === name) ?? [];
  return (meant.length === 1 && meant[0]?.name) || known;
}

export const createToolNames = (request: UnifiedRequest): NameMap => createNameMap(request, NAME_RULE);

const NAME_RULE = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };

/** Did the request come from a client of this protocol? Only then are its tools' extra fields ours. */
export const isNative = (request: UnifiedRequest): boolean => nativeFields(request) !== undefined;

function writeTool(tool: Tool, name: string, native: boolean): Json {
  const builtIn = builtInBody(tool);
  if (builtIn) return builtIn;
  const { [NAMESPACE_DESCRIPTION]: _, name: __, ...extra } = native ? (tool.extra ?? {}) : {};
  const description = tool.description === undefined ? {} : { description: tool.description };
  if (tool.kind === "custom") {
    const format = tool.format === undefined ? {} : { format: tool.format };
    return { type: "custom", name, ...description, ...format, ...extra };
  }
  // Without `strict` this API rewrites schemas to its strict subset; tools of other protocols were not made for that.
  const strict = tool.strict ?? (native ? null : false);
  return { type: "function", name, ...description, parameters: toParameters(tool), strict, ...extra };
}

/** OpenAI refuses an object schema without `properties`, and Codex #1150 shows clients that send one. */
function toParameters({ parameters }: Tool): Json {
  const plain = parameters.type === undefined || parameters.type === "object";
  if (!plain || isObject(parameters.properties)) return parameters;
  if (["$ref", "anyOf", "oneOf", "allOf"].some((key) => key in parameters)) return parameters;
  return { ...parameters, type: "object", properties: {} };
}
