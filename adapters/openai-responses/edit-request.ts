import { replaceAll, type RequestEdits } from "../edits.ts";
import { isObject, type Json, toWord } from "../validate.ts";
import { cleanItems } from "./clean-items.ts";
import { isTurnItem, itemType } from "./parse-input.ts";
import { clientToolName, createToolTable, isClientTool, TOOL_ITEMS, type ToolTable } from "./tool-table.ts";

/** A group's settings on a body that goes on as it is. The system prompt is `instructions` and the leading messages. */
export function editRequest(body: Json, edits: RequestEdits): Json {
  const edited = { ...cleanItems(body) };
  const { replace, prompt, dropTools, temperatureRatio } = edits;
  if (replace?.length) replaceInSystem(edited, (text) => replaceAll(text, replace));
  if (prompt) applyPrompt(edited, prompt);
  if (dropTools?.length) dropNamed(edited, new Set(dropTools));
  if (temperatureRatio !== undefined && typeof body.temperature === "number") {
    edited.temperature = body.temperature * temperatureRatio;
  }
  return edited;
}

function replaceInSystem(body: Json, change: (text: string) => string): void {
  if (typeof body.instructions === "string") body.instructions = change(body.instructions);
  if (!Array.isArray(body.input)) return;
  const end = leadingEnd(body.input);
  body.input = body.input.map((item: unknown, index) =>
    index < end && isSystem(item) ? { ...item, content: changeText(item.content, change) } : item,
  );
}

function changeText(content: unknown, change: (text: string) => string): unknown {
  if (typeof content === "string") return change(content);
  if (!Array.isArray(content)) return content;
  return content.map((part: unknown) =>
    isObject(part) && typeof part.text === "string" ? { ...part, text: change(part.text) } : part,
  );
}

function applyPrompt(body: Json, prompt: NonNullable<RequestEdits["prompt"]>): void {
  const { mode, text, position } = prompt;
  let items: unknown[] | undefined = Array.isArray(body.input) ? body.input : undefined;
  if (mode === "replace") {
    delete body.instructions;
    const end = items ? leadingEnd(items) : 0;
    items = items?.filter((item, index) => index >= end || !isSystem(item));
    if (items) body.input = items;
  }
  const part = { type: "input_text", text };
  if (position === "user") {
    body.input = withUserText(items ?? body.input, part);
    return;
  }
  const end = items ? leadingEnd(items) : 0;
  if (items?.slice(0, end).some(isSystem)) {
    body.input = items.toSpliced(end, 0, { type: "message", role: "developer", content: [part] });
  } else {
    const kept =
      typeof body.instructions === "string" && body.instructions !== "" ? body.instructions : undefined;
    body.instructions = kept === undefined ? text : `${kept}\n\n${text}`;
  }
}

/** The input with `part` in front of its first user message. */
function withUserText(input: unknown, part: Json): unknown[] {
  if (!Array.isArray(input)) {
    const given = typeof input === "string" ? [{ type: "input_text", text: input }] : [];
    return [{ type: "message", role: "user", content: [part, ...given] }];
  }
  const first = input.findIndex(
    (item) => isObject(item) && itemType(item) === "message" && item.role === "user",
  );
  const message: unknown = input[first];
  if (!isObject(message)) {
    return input.toSpliced(leadingEnd(input), 0, { type: "message", role: "user", content: [part] });
  }
  const { content } = message;
  const rest = typeof content === "string" ? [{ type: "input_text", text: content }] : content;
  return input.with(first, { ...message, content: [part, ...(Array.isArray(rest) ? rest : [])] });
}

function dropNamed(body: Json, names: Set<string>): void {
  const table = createToolTable(body);
  if (!table.tools.some((tool) => names.has(tool.name))) return;
  const kept = (list: unknown): unknown =>
    keepTools(list, (name, namespace) => !names.has(table.toName(name, namespace)));
  if (Array.isArray(body.tools)) {
    const tools = kept(body.tools);
    if (Array.isArray(tools) && tools.length) body.tools = tools;
    else delete body.tools;
  }
  if (Array.isArray(body.input)) {
    body.input = body.input.map((item: unknown) =>
      isObject(item) && TOOL_ITEMS.has(itemType(item)) ? { ...item, tools: kept(item.tools) } : item,
    );
  }
  if (table.tools.every((tool) => names.has(tool.name))) {
    delete body.tool_choice;
    delete body.parallel_tool_calls;
  } else dropChoice(body, names, table);
}

function dropChoice(body: Json, names: Set<string>, table: ToolTable): void {
  const choice = body.tool_choice;
  if (!isObject(choice)) return;
  const isDropped = (tool: unknown): boolean => {
    if (!isObject(tool) || !isClientTool(tool)) return false;
    const name = clientToolName(tool);
    const namespace = typeof tool.namespace === "string" ? tool.namespace : undefined;
    return typeof name === "string" && names.has(table.toName(name, namespace));
  };
  if (isDropped(choice)) delete body.tool_choice;
  if (choice.type !== "allowed_tools" || !Array.isArray(choice.tools)) return;
  const tools = choice.tools.filter((tool: unknown) => !isDropped(tool));
  // Nothing of what was allowed is left: that must not allow everything else.
  body.tool_choice = tools.length ? { ...choice, tools } : "none";
}

function keepTools(
  list: unknown,
  keep: (name: string, namespace?: string) => boolean,
  namespace?: string,
): unknown {
  if (!Array.isArray(list)) return list;
  return list.flatMap((tool: unknown): unknown[] => {
    if (!isObject(tool)) return [tool];
    if (tool.type === "namespace" && namespace === undefined) {
      const tools = keepTools(tool.tools, keep, toWord(tool.name));
      return Array.isArray(tools) && tools.length === 0 ? [] : [{ ...tool, tools }];
    }
    const name = clientToolName(tool);
    return isClientTool(tool) && typeof name === "string" && !keep(name, namespace) ? [] : [tool];
  });
}

/** Where the system prompt ends: the index of the first item of a turn. */
function leadingEnd(items: unknown[]): number {
  const end = items.findIndex((item) => isObject(item) && isTurnItem(itemType(item)) && !isSystem(item));
  return end === -1 ? items.length : end;
}

const isSystem = (item: unknown): item is Json =>
  isObject(item) && itemType(item) === "message" && (item.role === "system" || item.role === "developer");
