import type { ServerTool, Tool, ToolChoice } from "../unified.ts";
import { perFrozen } from "../per-frozen.ts";
import {
  compact,
  invalid,
  isObject,
  optionalObject,
  optionalString,
  optionalStrings,
  readName,
  readObject,
  unknownFields,
  type Json,
} from "../validate.ts";
import { bothSpellings, readField } from "./read-field.ts";
import { toJsonSchema } from "./to-json-schema.ts";
import { PROTOCOL } from "./wire.ts";

export interface ParsedTools {
  tools?: Tool[];
  serverTools?: ServerTool[];
  toolChoice?: ToolChoice;
}

/** `tools` and `toolConfig`. A choice among several tools leaves only those; a choice without tools is none. */
export function parseTools(body: Json): ParsedTools {
  const { tools, serverTools } = listTools(body.tools);
  const config = optionalObject(readField(body, "toolConfig"), "toolConfig");
  const calling = config && optionalObject(readField(config, "functionCallingConfig"), CALLING);
  const { toolChoice, allowed } = tools.length && calling ? readChoice(calling, tools) : {};
  const left = allowed ? tools.filter((tool) => allowed.has(tool.name)) : tools;
  return compact<ParsedTools>({
    tools: left.length ? left : undefined,
    serverTools: serverTools.length ? serverTools : undefined,
    toolChoice,
  });
}

interface Choice {
  toolChoice?: ToolChoice;
  /** The only tools that may be called, where that is more than one. */
  allowed?: ReadonlySet<string>;
}

export function readChoice(calling: Json, tools: readonly { name: string }[]): Choice {
  const mode = optionalString(calling.mode, `${CALLING}.mode`)?.toUpperCase();
  const listed = new Set(
    optionalStrings(readField(calling, "allowedFunctionNames"), `${CALLING}.allowedFunctionNames`),
  );
  const allowed = new Set(tools.flatMap(({ name }) => (listed.has(name) ? [name] : [])));
  const [only] = allowed;
  switch (mode) {
    case undefined:
    case "MODE_UNSPECIFIED":
      return {};
    case "AUTO":
      return { toolChoice: "auto" };
    case "NONE":
      return { toolChoice: "none" };
    case "ANY":
      if (only === undefined) return { toolChoice: "required" };
      return allowed.size === 1 ? { toolChoice: { name: only } } : { toolChoice: "required", allowed };
    case "VALIDATED":
      return only === undefined ? { toolChoice: "auto" } : { toolChoice: "auto", allowed };
    default:
      throw invalid(`${CALLING}.mode`, '"AUTO", "ANY", "NONE" or "VALIDATED"', mode);
  }
}

function listTools(value: unknown): Listed {
  if (value === undefined || value === null) return parseGiven([]);
  return parseGiven(Array.isArray(value) ? value : [value]);
}

interface Listed {
  tools: Tool[];
  serverTools: ServerTool[];
}

/** Every key of a tool but `functionDeclarations` is a tool that Google runs. */
const parseGiven = perFrozen((items: readonly unknown[]): Listed => {
  const tools = new Map<string, Tool>();
  const serverTools: ServerTool[] = [];
  for (const [index, item] of items.entries()) {
    const where = `tools[${index}]`;
    const given = readObject(item, where);
    for (const [at, declaration] of listDeclarations(given).entries()) {
      const tool = parseDeclaration(declaration, `${where}.functionDeclarations[${at}]`);
      tools.set(tool.name, tool);
    }
    for (const [name, body] of Object.entries(unknownFields(given, DECLARATIONS) ?? {})) {
      if (body !== null) serverTools.push({ origin: PROTOCOL, name, body: { [name]: body } });
    }
  }
  const listed = [...tools.values()];
  if (Object.isFrozen(items)) Object.freeze(listed);
  return { tools: listed, serverTools };
});

export function listDeclarations(tool: Json): unknown[] {
  const declarations = readField(tool, "functionDeclarations");
  if (declarations === undefined) return [];
  return Array.isArray(declarations) ? declarations : [declarations];
}

function parseDeclaration(value: unknown, where: string): Tool {
  const given = readObject(value, where);
  const schema = optionalObject(readField(given, "parametersJsonSchema"), `${where}.parametersJsonSchema`);
  const openApi = optionalObject(given.parameters, `${where}.parameters`);
  return compact<Tool>({
    name: readName(given.name, `${where}.name`),
    description: optionalString(given.description, `${where}.description`),
    parameters: toObjectSchema(schema ?? (openApi && toJsonSchema(openApi))),
    extra: unknownFields(given, KNOWN),
  });
}

/** Tools without arguments leave their schema out. */
function toObjectSchema(schema: Json | undefined): Json {
  if (schema === undefined) return { type: "object", properties: {} };
  const isComplete = schema.type !== "object" || isObject(schema.properties);
  return isComplete ? schema : { ...schema, properties: {} };
}

const CALLING = "toolConfig.functionCallingConfig";
const DECLARATIONS = bothSpellings("functionDeclarations");
const KNOWN = bothSpellings("name", "description", "parameters", "parametersJsonSchema");
