import { replaceAll, type RequestEdits } from "../edits.ts";
import { isObject, type Json } from "../validate.ts";
import { readAllowed, toolName } from "./parse-tools.ts";

/** `applyEdits` on a body of this protocol: chat's messages, or the prompt of `/v1/completions`. */
export function editRequest(body: Json, edits: RequestEdits): Json {
  const edited = { ...body };
  if (Array.isArray(body.messages)) edited.messages = editMessages(body.messages, edits);
  else if (edits.prompt) edited.prompt = editPrompt(body.prompt, edits.prompt.text);
  if (edits.dropTools?.length) dropTools(edited, new Set(edits.dropTools));
  if (edits.temperatureRatio !== undefined && typeof body.temperature === "number") {
    edited.temperature = body.temperature * edits.temperatureRatio;
  }
  return edited;
}

function editMessages(messages: unknown[], edits: RequestEdits): unknown[] {
  const end = messages.findIndex((message) => !isSystem(message));
  const count = end === -1 ? messages.length : end;
  const pairs = edits.replace ?? [];
  const system = messages
    .slice(0, count)
    .map((message) => (pairs.length ? replaceText(message, pairs) : message));
  const rest = messages.slice(count);
  const { prompt } = edits;
  if (!prompt) return [...system, ...rest];
  const kept = prompt.mode === "replace" ? [] : system;
  if (prompt.position === "system") return [...appendSystem(kept, prompt.text), ...rest];
  return [...kept, ...prependUser(rest, prompt.text)];
}

const isSystem = (message: unknown): boolean =>
  isObject(message) && (message.role === "system" || message.role === "developer");

function replaceText(message: unknown, pairs: NonNullable<RequestEdits["replace"]>): unknown {
  if (!isObject(message)) return message;
  const { content } = message;
  if (typeof content === "string") return { ...message, content: replaceAll(content, pairs) };
  if (!Array.isArray(content)) return message;
  const edit = (part: unknown): unknown => {
    if (typeof part === "string") return replaceAll(part, pairs);
    return isObject(part) && typeof part.text === "string"
      ? { ...part, text: replaceAll(part.text, pairs) }
      : part;
  };
  return { ...message, content: content.map(edit) };
}

/** The text becomes a part of the last system message: the templates of many local models allow only one such message. */
function appendSystem(system: unknown[], text: string): unknown[] {
  const last = system.at(-1);
  if (!isObject(last)) return [{ role: "system", content: text }];
  return [...system.slice(0, -1), { ...last, content: [...toParts(last.content), { type: "text", text }] }];
}

function prependUser(messages: unknown[], text: string): unknown[] {
  const at = messages.findIndex((message) => isObject(message) && message.role === "user");
  const first = messages[at];
  if (!isObject(first)) return [{ role: "user", content: text }, ...messages];
  const edited = { ...first, content: [{ type: "text", text }, ...toParts(first.content)] };
  return messages.with(at, edited);
}

function toParts(content: unknown): unknown[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return Array.isArray(content) ? content : [];
}

/** Completions have no system text: wherever the prompt is to stand, it stands in front. Token ids stay as they are. */
function editPrompt(prompt: unknown, text: string): unknown {
  if (typeof prompt === "string") return `${text}\n\n${prompt}`;
  if (!Array.isArray(prompt)) return prompt;
  return prompt.map((item: unknown) => (typeof item === "string" ? `${text}\n\n${item}` : item));
}

function dropTools(body: Json, names: ReadonlySet<string>): void {
  const isKept = (tool: unknown): boolean => !isClientTool(tool) || !names.has(toolName(tool) ?? "");
  const before = countTools(body);
  for (const field of ["tools", "functions"] as const) {
    const list = body[field];
    if (Array.isArray(list)) body[field] = list.filter(isKept);
  }
  narrowAllowed(body, names);
  if (before > 0 && countTools(body) === 0) {
    delete body.tool_choice;
    delete body.function_call;
    delete body.parallel_tool_calls;
  }
  for (const field of ["tool_choice", "function_call"] as const) {
    const named = toolName(body[field]);
    if (named !== undefined && names.has(named)) delete body[field];
  }
  for (const field of ["tools", "functions"] as const) {
    const list = body[field];
    if (Array.isArray(list) && list.length === 0) delete body[field];
  }
}

/** A choice among some tools: what is dropped is no longer among them; where none is left, no tool is. */
function narrowAllowed(body: Json, names: ReadonlySet<string>): void {
  const choice = body.tool_choice;
  if (!isObject(choice) || !readAllowed(choice)) return;
  const inner = isObject(choice.allowed_tools) ? choice.allowed_tools : choice;
  const tools = (Array.isArray(inner.tools) ? inner.tools : []).filter(
    (tool) => !names.has(toolName(tool) ?? ""),
  );
  body.tool_choice =
    inner === choice ? { ...choice, tools } : { ...choice, allowed_tools: { ...inner, tools } };
  if (tools.length === 0 && Array.isArray(body.tools))
    body.tools = body.tools.filter((tool) => !isClientTool(tool));
}

/** Tools the client runs, as opposed to those that the provider does. */
function isClientTool(tool: unknown): boolean {
  return isObject(tool) && (isObject(tool.custom) || (tool.type ?? "function") === "function");
}

function countTools(body: Json): number {
  const tools = Array.isArray(body.tools) ? body.tools.filter(isClientTool).length : 0;
  return tools + (Array.isArray(body.functions) ? body.functions.length : 0);
}
