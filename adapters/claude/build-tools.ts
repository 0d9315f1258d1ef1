import { createToolsBuilder } from "../tools-builder.ts";
import { toFunctionTool } from "../custom-tools.ts";
import { createNameMap, type NameMap } from "../tool-names.ts";
import type { Tool, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toInputSchema } from "./to-input-schema.ts";
import { PROTOCOL, type WireTool, type WireToolChoice } from "./wire.ts";

/** Names Claude accepts; the parsers of the answer make the same map to turn them back. */
export const createToolNames = (request: UnifiedRequest): NameMap => createNameMap(request, NAME_RULE);

const NAME_RULE = { allowed: /[a-zA-Z0-9_-]/, maxLength: 128 };

export function buildTools(
  request: UnifiedRequest,
  names: NameMap,
  drop: (what: string) => void,
): readonly unknown[] | undefined {
  const built = buildAll(request.tools ?? [], names.toWire);
  const own: unknown[] = [];
  for (const tool of request.serverTools ?? []) {
    if (tool.origin === PROTOCOL) own.push(tool.body);
    else drop(`server tool ${tool.name}`);
  }
  const tools = own.length ? [...built, ...own] : built;
  return tools.length ? tools : undefined;
}

const buildAll = createToolsBuilder(NAME_RULE, (tool, name) => toWireTool(toFunctionTool(tool), name));

function toWireTool(tool: Tool, name: string): WireTool {
  return {
    name,
    ...(tool.description !== undefined && tool.description !== "" && { description: tool.description }),
    input_schema: toInputSchema(tool.parameters),
    ...(tool.strict && { strict: true }),
    ...ownFields(tool.extra),
    ...(tool.cache !== undefined && { cache_control: tool.cache }),
  };
}

/** `extra` says not whose it is: only what Claude has a word for goes out. */
function ownFields(extra: Json | undefined): Json {
  if (!extra) return {};
  return Object.fromEntries(OWN_FIELDS.flatMap((key) => (key in extra ? [[key, extra[key]]] : [])));
}

/** Nothing where no tools go out: a choice without tools is refused. */
export function buildToolChoice(request: UnifiedRequest, names: NameMap): WireToolChoice | Json | undefined {
  const own = request.extra?.[PROTOCOL]?.tool_choice;
  if (isObject(own) && request.serverTools?.some((tool) => tool.origin === PROTOCOL)) return own;
  if (!request.tools?.length) return undefined;
  const { toolChoice: choice, parallelTools } = request;
  const single = parallelTools === false ? { disable_parallel_tool_use: true } : {};
  if (choice === undefined) return parallelTools === false ? { type: "auto", ...single } : undefined;
  if (typeof choice === "object") return { type: "tool", name: names.toWire(choice.name), ...single };
  switch (choice) {
    case "auto":
      return { type: "auto", ...single };
    case "required":
      return { type: "any", ...single };
    case "none":
      return { type: "none" };
    default:
      return choice satisfies never;
  }
}

/** Claude lets a tool's use be forced only without thinking. */
export const isForced = (choice: { type?: unknown } | undefined): boolean =>
  choice?.type === "any" || choice?.type === "tool";

const OWN_FIELDS = ["defer_loading", "allowed_callers", "input_examples", "eager_input_streaming"];
