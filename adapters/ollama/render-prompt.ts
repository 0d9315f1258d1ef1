import { writeGoJson } from "../go-encode.ts";
import type { Message, TextPart, UnifiedRequest } from "../unified.ts";
import { buildTools } from "./build-tools.ts";
import { readExtra } from "./read-extra.ts";

export interface RenderedPrompt {
  text: string;
  images: number;
}

/**
 * The prompt as it would reach a model by the template that `/api/show` tells: system text, tools, then what was said
 * in order. Providers of other protocols write their own prompt of the conversation, which nobody can see.
 */
export function renderPrompt(request: UnifiedRequest): RenderedPrompt {
  const { generate } = readExtra(request);
  const parts = request.messages.flatMap((message): readonly { type: string }[] => message.content);
  const images = parts.filter(({ type }) => type === "media").length;
  if (generate?.raw) return { text: generate.prompt, images };
  const texts = [joinTexts(request.system ?? [])];
  if (request.tools?.length) texts.push(writeGoJson(buildTools(request.tools)));
  texts.push(...request.messages.map(renderMessage));
  return { text: texts.filter((text) => text !== "").join("\n"), images };
}

function renderMessage(message: Message): string {
  if (message.role === "tool") {
    const results = message.content.flatMap(({ content }) => content);
    return joinTexts(results.filter((part) => part.type === "text"));
  }
  const lines: string[] = [];
  for (const part of message.content) {
    if (part.type === "text") lines.push(part.text);
    else if (part.type === "tool-call")
      lines.push(`{"name":${JSON.stringify(part.name)},"arguments":${part.args}}`);
  }
  return lines.join("\n");
}

const joinTexts = (parts: readonly TextPart[]): string => parts.map(({ text }) => text).join("\n");
