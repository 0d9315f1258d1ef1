import { perFrozen } from "../per-frozen.ts";
import {
  compact,
  invalid,
  isObject,
  optionalArray,
  optionalBoolean,
  optionalString,
  readName,
  readObject,
  type Json,
  toWord,
} from "../validate.ts";
import type { ServerTool, Tool, ToolChoice } from "../unified.ts";

export interface ParsedTools {
  tools?: Tool[];
  serverTools?: ServerTool[];
  toolChoice?: ToolChoice;
}

/** `tools` and `tool_choice`, or their forerunners `functions` and `function_call`. A choice without tools is none. */
export function parseTools(json: Json): ParsedTools {
  const given = optionalArray(json.tools, "tools");
  const functions = optionalArray(json.functions, "functions");
  const { tools: listed, serverTools } = given ? parseList(given) : NO_TOOLS;
  const called = functions?.map((item, index) => {
    const where = `functions[${index}]`;
    return parseFunction(readObject(item, where), where);
  });
  const tools = called ? [...listed, ...called] : listed;
  const allowed = readAllowed(json.tool_choice);
  const usable = allowed ? tools.filter((tool) => allowed.names.has(tool.name)) : tools;
  if (usable.length === 0 && serverTools.length === 0) return {};
  return compact({
    tools: usable.length ? usable : undefined,
    serverTools: serverTools.length ? serverTools : undefined,
    toolChoice: allowed ? allowed.mode : parseChoice(json.tool_choice ?? json.function_call),
  });
}

const parseList = perFrozen((given: readonly unknown[]): Listed => {
  const tools: Tool[] = [];
  const serverTools: ServerTool[] = [];
  for (const [index, item] of given.entries()) {
    const where = `tools[${index}]`;
    const body = readObject(item, where);
    const tool = parseTool(body, where);
    if (tool) tools.push(tool);
    else serverTools.push({ origin: "openai", name: toWord(body.type), body });
  }
  if (Object.isFrozen(given)) Object.freeze(tools);
  return { tools, serverTools };
});

interface Listed {
  tools: Tool[];
  serverTools: ServerTool[];
}

const NO_TOOLS: Listed = { tools: [], serverTools: [] };

/** The names and mode of a choice of type `allowed_tools`, which narrows the list for one turn. */
export function readAllowed(choice: unknown): { names: Set<string>; mode: ToolChoice } | undefined {
  if (!isObject(choice) || choice.type !== "allowed_tools") return undefined;
  const allowed = isObject(choice.allowed_tools) ? choice.allowed_tools : choice;
  const list = Array.isArray(allowed.tools) ? allowed.tools : [];
  const names = new Set(list.map(toolName).filter((name) => name !== undefined));
  return { names, mode: allowed.mode === "required" ? "required" : "auto" };
}

/** The name in a tool, or in a choice of one: `{function: {name}}`, `{custom: {name}}` or `{name}`. */
export function toolName(tool: unknown): string | undefined {
  if (!isObject(tool)) return undefined;
  const named = [tool.function, tool.custom, tool].find(
    (body) => isObject(body) && typeof body.name === "string",
  );
  return isObject(named) && typeof named.name === "string" ? named.name : undefined;
}

function parseTool(body: Json, where: string): Tool | undefined {
  if (isObject(body.custom)) return parseCustom(body.custom, `${where}.custom`);
  const type = body.type ?? "function";
  if (type !== "function") return undefined;
  // Some clients write functions flat, as Responses has them.
  if (body.function === undefined && body.name !== undefined) return parseFunction(body, where);
  const tool = parseFunction(readObject(body.function, `${where}.function`), `${where}.function`);
  return body.cache_control === undefined ? tool : { ...tool, cache: body.cache_control };
}

function parseFunction(body: Json, where: string): Tool {
  return compact<Tool>({
    name: readName(body.name, `${where}.name`),
    description: optionalString(body.description, `${where}.description`),
    parameters: isObject(body.parameters) ? body.parameters : { type: "object", properties: {} },
    strict: optionalBoolean(body.strict, `${where}.strict`),
  });
}

function parseCustom(body: Json, where: string): Tool {
  return compact<Tool>({
    name: readName(body.name, `${where}.name`),
    description: optionalString(body.description, `${where}.description`),
    parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
    kind: "custom",
    format: toFlatFormat(body.format),
  });
}

/** Chat completions write a grammar one level deeper than Responses, whose form is the unified one. */
function toFlatFormat(format: unknown): unknown {
  if (!isObject(format) || !isObject(format.grammar)) return format ?? undefined;
  return { type: "grammar", ...format.grammar };
}

function parseChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  // Mistral's word.
  if (choice === "any") return "required";
  const name = toolName(choice);
  if (name !== undefined) return { name };
  // A choice of a tool that the provider runs itself: `{type: "web_search"}`.
  if (isObject(choice)) return undefined;
  throw invalid("tool_choice", '"auto", "none", "required" or an object that names a tool', choice);
}
