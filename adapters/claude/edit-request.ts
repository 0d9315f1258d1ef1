import { replaceAll, type RequestEdits } from "../edits.ts";
import { isObject, type Json } from "../validate.ts";
import { toBlockText } from "./block-text.ts";
import { isForced } from "./build-tools.ts";
import { dropForeign } from "./drop-foreign.ts";
import { firstWord } from "./first-word.ts";
import { isBillingText } from "./parse-request.ts";
import { isClientTool, readChangedTool } from "./parse-tools.ts";

/**
 * A group's settings on a Claude body: what `applyEdits` does to the unified request. The system prompt keeps its form
 * (text or blocks) and its cache marks; the billing block is no prompt and stays as it is. Without any edits it still
 * makes a body fit to be passed on: what only another provider could read is left out.
 */
export function editRequest(body: Json, edits: RequestEdits): Json {
  const edited = { ...dropForeign(body) };
  const { prompt, replace, dropTools, temperatureRatio } = edits;
  if (prompt || replace?.length) hoistSystem(edited);
  if (replace?.length)
    setSystem(
      edited,
      mapSystem(edited.system, (text) => replaceAll(text, replace)),
    );
  if (prompt?.mode === "replace") setSystem(edited, keepBilling(edited.system));
  if (prompt && prompt.text.trim() !== "") {
    if (prompt.position === "system") edited.system = appendSystem(edited.system, prompt.text);
    else prependUser(edited, prompt.text);
  }
  if (dropTools?.length) removeTools(edited, new Set(dropTools));
  if (temperatureRatio !== undefined && typeof body.temperature === "number" && !isFixed(edited)) {
    edited.temperature = body.temperature * temperatureRatio;
  }
  return edited;
}

/** With thinking Claude takes no temperature but 1; it does not think where a tool is forced. */
function isFixed({ temperature, thinking, tool_choice: choice }: Json): boolean {
  const thinks = isObject(thinking) && thinking.type !== "disabled";
  return temperature === 1 && thinks && !isForced(isObject(choice) ? choice : undefined);
}

/** System messages in front of the conversation belong to the system prompt. */
function hoistSystem(body: Json): void {
  if (!Array.isArray(body.messages)) return;
  const first = body.messages.findIndex((message) => !isObject(message) || message.role !== "system");
  const count = first === -1 ? body.messages.length : first;
  if (count === 0) return;
  const leading: unknown[] = body.messages.slice(0, count);
  body.system = [
    ...toBlocks(body.system),
    ...leading.flatMap((message) => (isObject(message) ? toBlocks(message.content) : [])),
  ];
  body.messages = body.messages.slice(count);
}

function toBlocks(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : [];
}

function mapSystem(system: unknown, change: (text: string) => string): unknown {
  if (typeof system === "string") return isBillingText(system) ? system : change(system);
  if (!Array.isArray(system)) return system;
  return system.map((block: unknown) => {
    const text = readText(block);
    if (text === undefined || isBillingText(text) || !isObject(block)) return block;
    return { ...block, text: change(text) };
  });
}

function keepBilling(system: unknown): unknown {
  const kept = toBlocks(system).filter((block) => isBillingText(readText(block) ?? ""));
  return kept.length ? kept : undefined;
}

/** Blocks that came out empty are refused by Claude, so they go; an empty prompt is none. */
function setSystem(body: Json, system: unknown): void {
  const filled = Array.isArray(system) ? system.filter((block) => readText(block)?.trim() !== "") : system;
  const isEmpty = Array.isArray(filled) ? filled.length === 0 : filled === undefined || filled === "";
  if (isEmpty) delete body.system;
  else body.system = filled;
}

function appendSystem(system: unknown, text: string): unknown {
  if (typeof system === "string" && system !== "" && !isBillingText(system)) return `${system}\n\n${text}`;
  const blocks = toBlocks(system);
  return blocks.length ? [...blocks, { type: "text", text }] : text;
}

/** In front of the first thing the user says; tool results are no such thing and stay first in their turn. */
function prependUser(body: Json, text: string): void {
  const messages: unknown[] = Array.isArray(body.messages) ? [...body.messages] : [];
  const block = { type: "text", text };
  const at = messages.findIndex(isSpoken);
  const message = messages[at];
  if (!isObject(message)) messages.unshift({ role: "user", content: [block] });
  else {
    const content = toBlocks(message.content);
    const first = content.findIndex((item) => !isResult(item));
    const place = first === -1 ? content.length : first;
    messages[at] = { ...message, content: [...content.slice(0, place), block, ...content.slice(place)] };
  }
  body.messages = messages;
}

const isResult = (block: unknown): boolean => isObject(block) && block.type === "tool_result";

function isSpoken(message: unknown): boolean {
  if (!isObject(message) || message.role !== "user") return false;
  const { content } = message;
  return !Array.isArray(content) || content.length === 0 || !content.every(isResult);
}

function removeTools(body: Json, names: ReadonlySet<string>): void {
  const listed: unknown[] = Array.isArray(body.tools) ? body.tools : [];
  const isDropped = (tool: unknown): boolean =>
    isObject(tool) && isClientTool(tool) && names.has(firstWord(tool.name));
  const tools = listed.filter((tool) => !isDropped(tool));
  if (tools.length < listed.length) body.tools = tools;
  if (Array.isArray(body.messages)) body.messages = body.messages.map((item) => withoutTools(item, names));
  const choice = body.tool_choice;
  if (!isObject(choice)) return;
  const callable = tools.some((tool) => isObject(tool) && isClientTool(tool));
  const isServer = tools.some((tool) => isObject(tool) && !isClientTool(tool) && tool.name === choice.name);
  if (choice.type === "tool" && isServer) return;
  const lost = choice.type === "tool" ? names.has(firstWord(choice.name)) : false;
  if (!callable) delete body.tool_choice;
  else if (lost && choice.disable_parallel_tool_use === true) {
    body.tool_choice = { type: "auto", disable_parallel_tool_use: true };
  } else if (lost) delete body.tool_choice;
  if (tools.length === 0) delete body.tools;
}

/** Claude refuses references to tools that are not in the request. */
function withoutTools(message: unknown, names: ReadonlySet<string>): unknown {
  if (!isObject(message) || !Array.isArray(message.content)) return message;
  const isGone = (block: unknown): boolean => {
    if (isObject(block) && block.type === "tool_reference") return names.has(firstWord(block.tool_name));
    const changed = readChangedTool(block);
    return changed !== undefined && names.has(changed);
  };
  const clean = (block: unknown): unknown =>
    isObject(block) && isGone(block) ? { type: "text", text: toBlockText(block) } : block;
  const holdsGone = (block: unknown): block is Json & { content: unknown[] } =>
    isObject(block) && isResult(block) && Array.isArray(block.content) && block.content.some(isGone);
  const blocks: unknown[] = message.content;
  if (!blocks.some((block) => isGone(block) || holdsGone(block))) return message;
  const content = blocks.map((block) => {
    if (!holdsGone(block)) return clean(block);
    const inner = block.content.map(clean);
    return Object.assign({}, block, { content: inner });
  });
  return { ...message, content };
}

const readText = (block: unknown): string | undefined =>
  isObject(block) && block.type === "text" && typeof block.text === "string" ? block.text : undefined;
