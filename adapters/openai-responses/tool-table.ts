import { perFrozen } from "../per-frozen.ts";
import type { ServerTool, Tool } from "../unified.ts";
import {
  compact,
  isObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  toWord,
} from "../validate.ts";
import { readName, readObject, unknownFields, type Json } from "../validate.ts";
import { toBuiltInTool } from "./built-in-tools.ts";
import { PROTOCOL } from "./wire.ts";

export interface ToolTable {
  tools: Tool[];
  serverTools: ServerTool[];
  /** The unified name of a tool that the client calls `name`, perhaps within a namespace. */
  toName: (name: string, namespace?: string) => string;
}

interface Entry {
  body: Json;
  where: string;
  name: string;
  namespace?: Json;
}

/**
 * All tools of a body: `tools`, and the ones newer Codex models bring as input items (`additional_tools`, results of
 * a tool search). Namespaces are flattened; a name that stands in several of them becomes `namespace__name`.
 */
export function createToolTable(body: Json): ToolTable {
  const { tools, input } = body;
  const inItems =
    Array.isArray(input) &&
    input.some((item: unknown) => isObject(item) && TOOL_ITEMS.has(toWord(item.type)));
  return inItems || !Array.isArray(tools) ? readTable(body) : tableOf(tools);
}

/** Tools that many requests have in common are read once. */
const tableOf = perFrozen((tools: readonly unknown[]): ToolTable => {
  const table = readTable({ tools });
  if (Object.isFrozen(tools)) Object.freeze(table.tools);
  return table;
});

function readTable(body: Json): ToolTable {
  const entries = new Map<string, Entry>();
  const builtIns = new Map<string, Tool>();
  const serverTools: ServerTool[] = [];
  const collect = (list: unknown, where: string, namespace?: Json): void => {
    optionalArray(list, where)?.forEach((item, index) => {
      const at = `${where}[${index}]`;
      const tool = readObject(item, at);
      const builtIn = toBuiltInTool(tool);
      if (tool.type === "namespace" && !namespace) collect(tool.tools, `${at}.tools`, tool);
      else if (builtIn) builtIns.set(builtIn.name, builtIn);
      else if (isClientTool(tool)) {
        const entry = toEntry(tool, at, namespace);
        // The same tool may be listed again by a later input item; the newest definition counts.
        entries.set(toKey(entry.name, namespaceName(namespace)), entry);
      } else serverTools.push({ origin: PROTOCOL, name: toWord(tool.type ?? "tool"), body: tool });
    });
  };
  collect(body.tools, "tools");
  if (Array.isArray(body.input)) {
    body.input.forEach((item: unknown, index) => {
      if (isObject(item) && TOOL_ITEMS.has(toWord(item.type))) collect(item.tools, `input[${index}].tools`);
    });
  }
  const names = nameEntries(entries);
  const tools = [...entries].map(([key, entry]) => toTool(entry, names.get(key) ?? entry.name));
  // A function of the client's own comes before a built-in tool of its name.
  const unnamed = [...builtIns.values()].filter((tool) => tools.every(({ name }) => name !== tool.name));
  return {
    tools: [...tools, ...unnamed],
    serverTools,
    toName: (name, namespace) => {
      const known = names.get(toKey(name, namespace));
      if (known !== undefined) return known;
      const namesakes = [...entries.keys()].filter((key) => entries.get(key)?.name === name);
      // Codex may leave out the namespace where only one tool can be meant.
      if (namespace === undefined) return (namesakes.length === 1 && names.get(namesakes[0] ?? "")) || name;
      return namesakes.length ? `${namespace}__${name}` : name;
    },
  };
}

/** Tools that the client runs; all others belong to the provider. */
export function isClientTool(tool: Json): boolean {
  if (tool.type === "function" || tool.type === "custom" || toBuiltInTool(tool)) return true;
  return tool.type === undefined && typeof tool.name === "string";
}

/** Input items that carry tools. */
export const TOOL_ITEMS: ReadonlySet<string> = new Set(["additional_tools", "tool_search_output"]);

/** A client tool's name, also where it is written in the shape of chat completions. */
export const clientToolName = (tool: Json): unknown =>
  isObject(tool.function) ? tool.function.name : (toBuiltInTool(tool)?.name ?? tool.name);

function toEntry(tool: Json, where: string, namespace?: Json): Entry {
  // Clients that come from chat completions nest the function.
  const body = isObject(tool.function) ? tool.function : tool;
  return {
    body: body === tool ? tool : { type: "function", ...body },
    where,
    name: readName(body.name, `${where}.name`),
    ...(namespace && { namespace }),
  };
}

function nameEntries(entries: Map<string, Entry>): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { name } of entries.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  for (const { name, namespace } of entries.values())
    if (!namespace || counts.get(name) === 1) taken.add(name);
  const names = new Map<string, string>();
  for (const [key, { name, namespace }] of entries) {
    if (!namespace || counts.get(name) === 1) {
      names.set(key, name);
      continue;
    }
    let unique = `${namespaceName(namespace)}__${name}`;
    while (taken.has(unique)) unique = `${unique}_`;
    taken.add(unique);
    names.set(key, unique);
  }
  return names;
}

function toTool(entry: Entry, name: string): Tool {
  const { body, where, namespace } = entry;
  const custom = body.type === "custom";
  const description = optionalString(body.description, `${where}.description`);
  const strict = optionalBoolean(body.strict, `${where}.strict`);
  const known = custom ? CUSTOM_FIELDS : FUNCTION_FIELDS;
  const unknown = unknownFields(body, known);
  const extra = namespace
    ? { ...unknown, name: entry.name, [NAMESPACE_DESCRIPTION]: namespace.description }
    : unknown;
  const parameters = custom ? INPUT_ONLY : optionalObject(body.parameters, `${where}.parameters`);
  return compact<Tool>({
    name,
    description,
    parameters: parameters ?? { type: "object", properties: {} },
    kind: custom ? "custom" : undefined,
    format: custom ? (body.format ?? undefined) : undefined,
    namespace: namespaceName(namespace),
    strict,
    extra,
  });
}

const toKey = (name: string, namespace = ""): string => `${namespace}\n${name}`;
const namespaceName = (namespace?: Json): string | undefined =>
  namespace && (typeof namespace.name === "string" ? namespace.name : "");

/** Key in `Tool.extra` under which a namespaced tool remembers what its namespace was described as. */
export const NAMESPACE_DESCRIPTION = "namespace_description";

const FUNCTION_FIELDS = new Set(["type", "name", "description", "parameters", "strict"]);
const CUSTOM_FIELDS = new Set(["type", "name", "description", "format", "strict"]);
const INPUT_ONLY = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };
