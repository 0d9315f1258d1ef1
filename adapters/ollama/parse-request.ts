import type { Call } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import {
  goArray,
  goBoolean,
  goInteger,
  goObject,
  goQuote,
  goString,
  readGoBody,
  readGoStruct,
  refuse,
  type GoStruct,
} from "../go-json.ts";
import { readName } from "../model-tag.ts";
import { perFrozen } from "../per-frozen.ts";
import type { Effort, Message, Output, ServerTool, Thinking, Tool, UnifiedRequest } from "../unified.ts";
import { compact, isObject, unknownFields } from "../validate.ts";
import { parseGenerateContext } from "./generate-context.ts";
import { parseKeepAlive } from "./parse-keep-alive.ts";
import { parseImages, parseMessages, toUserParts } from "./parse-messages.ts";
import { parseOptions } from "./parse-options.ts";
import { toFillPrompt } from "./to-fill-prompt.ts";
import type { OllamaExtra } from "./wire.ts";

/** The body of `/api/chat` or, by `call.variant`, `/api/generate`. Errors carry Ollama's own texts. */
export function parseRequest(body: unknown, call: Call): UnifiedRequest {
  return call.variant === "generate" ? parseGenerate(body) : parseChat(body);
}

function parseChat(body: unknown): UnifiedRequest {
  const from = readGoBody(body, "ChatRequest");
  const common = parseCommon(from);
  const list = goArray(from, "messages", "[]api.Message") ?? [];
  const tools = parseTools(goArray(from, "tools", "api.Tools") ?? [], `${from.path}.tools`);
  const { system, messages } = parseMessages(list, `${from.path}.messages`);
  if (common.request.model === "") throw refuse("model is required");
  const extra = common.extra(list.length === 0, CHAT_FIELDS);
  return compact({ ...common.request, system, messages, ...tools, extra: { ollama: extra } });
}

function parseGenerate(body: unknown): UnifiedRequest {
  const from = readGoBody(body, "GenerateRequest");
  const common = parseCommon(from);
  const prompt = goString(from, "prompt") ?? "";
  const system = goString(from, "system") ?? "";
  const template = goString(from, "template") ?? "";
  const suffix = goString(from, "suffix") ?? "";
  const raw = goBoolean(from, "raw") ?? false;
  const context = parseContext(goArray(from, "context", "[]int") ?? [], `${from.path}.context`);
  const images = parseImages(from);
  if (common.request.model === "") {
    throw new GatewayError("not-found", "model '' not found", { code: "model_not_found", param: "" });
  }
  const extra = common.extra(prompt === "", GENERATE_FIELDS);
  if (raw && extra.load !== "unload" && (template !== "" || system !== "" || context.length)) {
    throw refuse("raw mode does not support template, system, or context");
  }
  const turns = parseGenerateContext(context);
  const text = suffix === "" ? prompt : toFillPrompt(prompt, suffix);
  const special = compact({
    prompt,
    suffix: suffix || undefined,
    template: template || undefined,
    raw: raw || undefined,
    context: turns || context.length === 0 ? undefined : context,
  });
  if (Object.keys(special).length > 1) extra.generate = special;
  const messages: Message[] = (turns ?? []).flatMap((turn): Message[] => [
    { role: "user", content: [{ type: "text", text: turn.prompt }] },
    { role: "assistant", content: [{ type: "text", text: turn.response }] },
  ]);
  if (!extra.load) messages.push({ role: "user", content: toUserParts(text, images) });
  // What only a template can do: other protocols have none to write a prompt by.
  const unread = ["template", "raw", "context"].filter((key) => special[key as keyof typeof special]);
  return compact({
    ...common.request,
    ...(unread.length && { unread }),
    system: system === "" ? undefined : [{ type: "text" as const, text: system }],
    messages,
    extra: { ollama: extra },
  });
}

/** What both bodies have; `extra` is made by the caller, who knows whether there is anything to answer. */
function parseCommon(from: GoStruct) {
  const { sampling, rest } = parseOptions(goObject(from, "options", "map[string]interface {}"));
  const idle = parseKeepAlive(from.fields.keep_alive);
  for (const key of ["truncate", "shift"]) goBoolean(from, key);
  const render = goBoolean(from, "_debug_render_only") ?? false;
  const logprobs = goBoolean(from, "logprobs") ?? false;
  const top = goInteger(from, "top_logprobs") ?? 0;
  if (top < 0 || top > 20) throw refuse("top_logprobs must be between 0 and 20");
  const request = {
    model: readName(from, "model"),
    stream: goBoolean(from, "stream") ?? true,
    sampling,
    thinking: parseThink(from.fields.think),
    output: parseFormat(from.fields.format),
    logprobs: logprobs ? { ...(top && { top }) } : undefined,
  };
  const extra = (empty: boolean, known: ReadonlySet<string>): OllamaExtra => ({
    ...unknownFields(from.fields, known),
    ...(rest && { options: rest }),
    ...(empty && { load: idle === 0 ? ("unload" as const) : ("load" as const) }),
    ...(render && { render }),
  });
  return { request, extra };
}

function parseThink(value: unknown): Thinking | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value ? { mode: "on" } : { mode: "off" };
  const rule = '"high", "medium", "low", "max", true, or false';
  if (typeof value !== "string") throw refuse(`think must be a boolean or string (${rule})`);
  if (!LEVELS.has(value)) throw refuse(`invalid think value: ${goQuote(value)} (must be ${rule})`);
  return { mode: "on", effort: value as Effort };
}

/** Of a format that is none Ollama says the same with status 500; here a caller's mistake is told as one. */
function parseFormat(value: unknown): Output | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value === "json") return { type: "json" };
  if (isObject(value)) return { type: "json-schema", schema: value };
  const shown = goQuote(JSON.stringify(value));
  throw new GatewayError(
    "invalid-request",
    `invalid format: ${shown}; expected "json" or a valid JSON Schema object`,
    { param: "format" },
  );
}

type ParsedTools = Pick<UnifiedRequest, "tools" | "serverTools">;

/** Tools that many requests have in common are read once. */
function parseTools(list: unknown[], path: string): ParsedTools {
  const known = knownOf(list);
  known.parsed ??= readTools(list, path);
  if (Object.isFrozen(list)) Object.freeze(known.parsed.tools);
  return known.parsed;
}

const knownOf = perFrozen((_list: readonly unknown[]): { parsed?: ParsedTools } => ({}));

function readTools(list: unknown[], path: string): ParsedTools {
  const tools: Tool[] = [];
  const serverTools: ServerTool[] = [];
  for (const item of list) {
    const tool = readGoStruct(item, path, "api.Tool");
    const callee = readGoStruct(tool.fields.function, `${path}.function`, "api.ToolFunction");
    const name = goString(callee, "name") ?? "";
    const type = goString(tool, "type") ?? "function";
    const parameters = goObject(callee, "parameters", "api.ToolFunctionParameters");
    if (name === "") serverTools.push({ origin: "ollama", name: type, body: item });
    else {
      const description = goString(callee, "description");
      tools.push(
        compact({ name, description, parameters: parameters ?? { type: "object", properties: {} } }),
      );
    }
  }
  return { ...(tools.length && { tools }), ...(serverTools.length && { serverTools }) };
}

function parseContext(list: unknown[], path: string): number[] {
  return list.map((value) => {
    if (Number.isInteger(value)) return value as number;
    throw refuse(`json: cannot unmarshal ${typeof value} into Go struct field ${path} of type int`);
  });
}

const LEVELS = new Set(["low", "medium", "high", "max"]);
// The last three are names of ours in `OllamaExtra`.
const COMMON =
  "model stream format options think logprobs top_logprobs _debug_render_only load render generate".split(
    " ",
  );
const CHAT_FIELDS = new Set([...COMMON, "messages", "tools"]);
// width, height and steps are sent by SDKs and ignored by Ollama.
const GENERATE_FIELDS = new Set([
  ...COMMON,
  ..."prompt suffix system template context raw images width height steps".split(" "),
]);
