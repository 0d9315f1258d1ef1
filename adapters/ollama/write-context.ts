import type { WriteContext } from "../adapter.ts";
import type { Message } from "../unified.ts";
import { writeGenerateContext, type Turn } from "./generate-context.ts";
import { readExtra } from "./read-extra.ts";

/** `context` of a finished `/api/generate` answer: the conversation so far. Raw and fill-in answers have none. */
export function writeContextOf(response: string, context: WriteContext): number[] | undefined {
  if (context.call.variant !== "generate") return undefined;
  const special = readExtra(context.request).generate;
  if (special?.raw || special?.suffix !== undefined) return undefined;
  const turns: Turn[] = [];
  for (const message of context.request.messages) {
    const text = toText(message);
    const last = turns.at(-1);
    if (message.role === "assistant" && last) last.response = text;
    else turns.push({ prompt: text, response: "" });
  }
  const last = turns.at(-1);
  if (last) last.response = response;
  return writeGenerateContext(turns);
}

const toText = (message: Message): string =>
  message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
