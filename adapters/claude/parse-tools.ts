import { perFrozen } from "../per-frozen.ts";
import type { ServerTool, Tool, ToolChoice } from "../unified.ts";
import {
  compact,
  invalid,
  isObject,
  optionalArray,
  optionalString,
  readName,
  readObject,
  unknownFields,
  type Json,
} from "../validate.ts";
import { firstWord } from "./first-word.ts";
import { readCache } from "./parse-content.ts";
import { PROTOCOL } from "./wire.ts";

export interface ParsedTools {
  tools?: Tool[];
  serverTools?: ServerTool[];
}

/** The tools of a request, with those that messages add or take away on the way (`tool_addition`, `tool_removal`). */
export function parseTools(value: unknown, messages: unknown): ParsedTools {
  const given = optionalArray(value, "tools") ?? [];
  const changes = [...readToolChanges(messages)];
  return changes.length ? parseList(given, changes) : parseGiven(given);
}

const parseGiven = perFrozen((given: readonly unknown[]): ParsedTools => {
  const parsed = parseList(given, []);
  if (Object.isFrozen(given)) Object.freeze(parsed.tools);
  return parsed;
});

function parseList(given: readonly unknown[], changes: readonly ToolChange[]): ParsedTools {
  if (given.length === 0 && changes.length === 0) return {};
  const tools = new Map<string, Tool>();
  const serverTools: ServerTool[] = [];
  const add = (item: unknown, where: string): void => {
    const tool = readObject(item, where);
    if (isClientTool(tool)) {
      const parsed = parseTool(tool, where);
      tools.set(parsed.name, parsed);
    } else serverTools.push({ origin: PROTOCOL, name: nameOf(tool), body: tool });
  };
  for (const [index, item] of given.entries()) add(item, `tools[${index}]`);
  const gone = new Set<string>();
  for (const { change, name, definition, where } of changes) {
    if (change === "tool_removal") gone.add(name);
    else {
      gone.delete(name);
      if (definition) add(definition, where);
    }
  }
  const left = [...tools.values()].filter((tool) => !gone.has(tool.name));
  return {
    ...(left.length && { tools: left }),
    ...(serverTools.length && { serverTools }),
  };
}

/** A tool the client runs and describes itself; all others (`bash_20250124`, `web_search_…`) only Claude knows. */
export const isClientTool = (tool: Json): boolean =>
  tool.type === undefined || tool.type === null || tool.type === "custom" || isObject(tool.input_schema);

const nameOf = (tool: Json): string => firstWord(tool.name, tool.mcp_server_name, tool.type);

function parseTool(tool: Json, where: string): Tool {
  const schema = tool.input_schema ?? {};
  const extra = unknownFields(tool, TOOL_FIELDS);
  return compact<Tool>({
    name: readName(tool.name, `${where}.name`),
    description: optionalString(tool.description, `${where}.description`),
    parameters: readObject(schema, `${where}.input_schema`),
    strict: typeof tool.strict === "boolean" ? tool.strict : undefined,
    ...readCache(tool),
    extra,
  });
}

interface ToolChange {
  change: "tool_addition" | "tool_removal";
  name: string;
  definition?: Json;
  where: string;
}

function* readToolChanges(messages: unknown): Generator<ToolChange> {
  if (!Array.isArray(messages)) return;
  for (const [at, message] of messages.entries()) {
    if (!isObject(message) || message.role !== "system" || !Array.isArray(message.content)) continue;
    for (const [index, block] of message.content.entries()) {
      const name = readChangedTool(block);
      if (name === undefined || !isObject(block)) continue;
      const tool = block.tool as Json;
      const definition = isObject(tool.definition) ? tool.definition : undefined;
      const where = `messages[${at}].content[${index}].tool.definition`;
      yield { change: block.type as ToolChange["change"], name, definition, where };
    }
  }
}

/** The name of the tool that a `tool_addition` or `tool_removal` block is about. */
export function readChangedTool(block: unknown): string | undefined {
  if (!isObject(block) || !isObject(block.tool)) return undefined;
  if (block.type !== "tool_addition" && block.type !== "tool_removal") return undefined;
  const named = isObject(block.tool.definition) ? block.tool.definition : block.tool;
  return typeof named.name === "string" ? named.name : undefined;
}

export interface ParsedToolChoice {
  toolChoice?: ToolChoice;
  parallelTools?: boolean;
  /** A choice that is about server tools alone: only Claude can follow it. */
  verbatim?: Json;
}

export function parseToolChoice(value: unknown, { tools, serverTools }: ParsedTools): ParsedToolChoice {
  if (value === undefined || value === null || (!tools && !serverTools)) return {};
  const choice = typeof value === "string" ? { type: value } : readObject(value, "tool_choice");
  const isServer = serverTools?.some((tool) => tool.name === choice.name) ?? false;
  const isClient = tools?.some((tool) => tool.name === choice.name) ?? false;
  if (choice.type === "tool" && isServer && !isClient) return { verbatim: choice };
  if (!tools) return {};
  const parallel = choice.disable_parallel_tool_use === true ? { parallelTools: false } : {};
  switch (choice.type) {
    case "auto":
      return { toolChoice: "auto", ...parallel };
    case "any":
      return { toolChoice: "required", ...parallel };
    case "none":
      return { toolChoice: "none", ...parallel };
    case "tool":
      return { toolChoice: { name: readName(choice.name, "tool_choice.name") }, ...parallel };
    default:
      throw invalid("tool_choice.type", '"auto", "any", "tool" or "none"', choice.type ?? null);
  }
}

const TOOL_FIELDS = new Set(["name", "description", "input_schema", "strict", "cache_control", "type"]);
