import { createToolsBuilder } from "../tools-builder.ts";
import { toFunctionTool } from "../custom-tools.ts";
import { perFrozen } from "../per-frozen.ts";
import { createNameMap, type NameMap } from "../tool-names.ts";
import type { Tool, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toParametersSchema } from "./to-gemini-schema.ts";
import { PROTOCOL, type WireDeclaration } from "./wire.ts";

/** Names Gemini accepts; the parsers of the answer make the same map to turn them back. */
export const createToolNames = (request: UnifiedRequest): NameMap => createNameMap(request, NAME_RULE);

const NAME_RULE = { allowed: /[a-zA-Z0-9_.-]/, first: /[a-zA-Z_]/, maxLength: 64 };

export function buildTools(
  request: UnifiedRequest,
  names: NameMap,
  drop: (what: string) => void,
): Json[] | undefined {
  const declarations = declareAll(request.tools ?? [], names.toWire);
  const tools: Json[] = declarations.length ? [toTool(declarations)] : [];
  for (const { origin, name, body } of request.serverTools ?? []) {
    if (origin === PROTOCOL && isObject(body)) tools.push(body);
    else drop(`server tool ${name}`);
  }
  return tools.length ? tools : undefined;
}

/** What was built once stands in one object, too. */
const toTool = perFrozen((functionDeclarations: readonly WireDeclaration[]): Json => {
  const tool = { functionDeclarations };
  return Object.isFrozen(functionDeclarations) ? Object.freeze(tool) : tool;
});

const declareAll = createToolsBuilder(NAME_RULE, (tool, name) => toDeclaration(toFunctionTool(tool), name));

function toDeclaration(tool: Tool, name: string): WireDeclaration {
  return {
    name,
    ...(tool.description !== undefined && tool.description !== "" && { description: tool.description }),
    parametersJsonSchema: toParametersSchema(tool.parameters),
    ...ownFields(tool.extra),
  };
}

/** `extra` says not whose it is: only what Gemini has a word for goes out. */
const ownFields = (extra: Json | undefined): Json =>
  extra ? Object.fromEntries(OWN_FIELDS.flatMap((key) => (key in extra ? [[key, extra[key]]] : []))) : {};

/** `toolConfig`, with what a Gemini client said in it that nobody else understands. */
export function buildToolConfig(
  request: UnifiedRequest,
  names: NameMap,
  drop: (what: string) => void,
): Json | undefined {
  const given = request.extra?.[PROTOCOL]?.toolConfig;
  const { functionCallingConfig: own, ...rest } = isObject(given) ? given : {};
  const hasTools = Boolean(request.tools?.length);
  if (hasTools && request.parallelTools === false) drop("parallel tool calls off");
  const calling = hasTools ? toCallingConfig(request.toolChoice, names) : undefined;
  // Gemini's check of arguments against their schema is a kind of AUTO.
  const functionCallingConfig = calling?.mode === "AUTO" && isObject(own) ? own : calling;
  const config = { ...rest, ...(functionCallingConfig && { functionCallingConfig }) };
  return Object.keys(config).length ? config : undefined;
}

function toCallingConfig(choice: UnifiedRequest["toolChoice"], names: NameMap): Json | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === "object") return { mode: "ANY", allowedFunctionNames: [names.toWire(choice.name)] };
  switch (choice) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    default:
      return choice satisfies never;
  }
}

const OWN_FIELDS = ["behavior", "response", "responseJsonSchema", "response_json_schema"];
