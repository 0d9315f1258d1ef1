import { isObject, type Json } from "../../adapters/validate.ts";

/** A tool as a prompt describes it. */
export interface DemoTool {
  name: string;
  parameters: Json;
}

/** What the demo understands of a request. */
export interface DemoTurn {
  /** What the user wrote last, without what their app put around it. */
  text: string;
  /** The result of the tool that was called in the turn before, if one was. */
  result?: string;
  images: number;
  tools: DemoTool[];
  /** Characters of the whole prompt. */
  promptLength: number;
}

/** Reads a body of `/api/chat` or `/api/generate`. */
export function readDemoTurn(body: Json): DemoTurn {
  const messages = toMessages(body);
  const tools = messages.flatMap((message) => readTools(message.content));
  const last = messages.findLastIndex((message) => message.role === "user" || message.role === "tool");
  const asked = messages[last];
  const result = readResult(asked, messages[last - 1]);
  return {
    text: stripReminders(asked?.content ?? ""),
    ...(result !== undefined && { result }),
    images: asked?.images ?? 0,
    tools,
    promptLength: messages.reduce((sum, message) => sum + message.content.length, 0),
  };
}

interface DemoMessage {
  role: string;
  content: string;
  images: number;
}

function toMessages(body: Json): DemoMessage[] {
  const list = Array.isArray(body.messages)
    ? body.messages
    : [
        { role: "system", content: body.system },
        { role: "user", content: body.prompt, images: body.images },
      ];
  return list.filter(isObject).map(({ role, content, images }) => ({
    role: typeof role === "string" ? role : "user",
    content: typeof content === "string" ? content : "",
    images: Array.isArray(images) ? images.length : 0,
  }));
}

/** The tools between `<tools>` and `</tools>`: a JSON object per line, with or without an OpenAI-like `function`. */
function readTools(text: string): DemoTool[] {
  const tools: DemoTool[] = [];
  let at = text.indexOf("<tools>");
  while (at !== -1) {
    const end = text.indexOf("</tools>", at);
    if (end === -1) break;
    for (const line of text.slice(at + "<tools>".length, end).split("\n")) {
      const tool = readTool(line);
      if (tool) tools.push(tool);
    }
    at = text.indexOf("<tools>", end);
  }
  return tools;
}

function readTool(line: string): DemoTool | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const tool = isObject(value) && isObject(value.function) ? value.function : value;
    if (!isObject(tool) || typeof tool.name !== "string" || tool.name === "") return undefined;
    return { name: tool.name, parameters: isObject(tool.parameters) ? tool.parameters : {} };
  } catch {
    return undefined;
  }
}

/** A message is a result when it answers a call: natively, or as the user text that follows a written call. */
function readResult(message: DemoMessage | undefined, before: DemoMessage | undefined): string | undefined {
  if (!message) return undefined;
  const followsCall = before?.role === "assistant" && before.content.includes("<tool_call>");
  if (message.role !== "tool" && !followsCall && !message.content.startsWith("<tool_response>"))
    return undefined;
  const inner = cutOut(message.content, "<tool_response>", "</tool_response>") ?? message.content;
  const short = readContent(inner.trim());
  return short.length > MAX_QUOTE ? `${short.slice(0, MAX_QUOTE)}…` : short;
}

/** `{"name": …, "content": …}` around a result is the prompt's, not the tool's. */
function readContent(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    const value: unknown = JSON.parse(text);
    const content = isObject(value) ? (value.content ?? value.result ?? value.output) : undefined;
    return typeof content === "string" ? content : text;
  } catch {
    return text;
  }
}

function cutOut(text: string, open: string, close: string): string | undefined {
  const at = text.indexOf(open);
  const end = text.indexOf(close, at);
  return at === -1 || end === -1 ? undefined : text.slice(at + open.length, end);
}

/** Agents put notes of their own into the user's message; a demo that answered those would call every tool. */
function stripReminders(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf("<system-reminder>", from);
    const end = at === -1 ? -1 : text.indexOf("</system-reminder>", at);
    if (end === -1) break;
    kept.push(text.slice(from, at));
    from = end + "</system-reminder>".length;
  }
  kept.push(text.slice(from));
  return kept.join("").trim();
}

const MAX_QUOTE = 1000;
