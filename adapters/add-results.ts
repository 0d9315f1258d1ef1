import type { Message, ToolResultPart } from "./unified.ts";

/** Adds results to the conversation that is being read: all that answer one assistant turn are one message. */
export function addResults(messages: Message[], results: ToolResultPart[]): void {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (message?.role === "assistant") break;
    if (message?.role !== "tool") continue;
    message.content.push(...results);
    return;
  }
  messages.push({ role: "tool", content: results });
}
