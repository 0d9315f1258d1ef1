import type { Message, ToolChoice } from "../../adapters/unified.ts";

/** What this one turn asks of the model beside its prompt; undefined: nothing. */
export function writeDemand(choice: ToolChoice | undefined): string | undefined {
  if (choice === "required") return "You must call at least one tool in this answer.";
  if (typeof choice === "object")
    return `You must call the tool ${JSON.stringify(choice.name)} in this answer.`;
  return undefined;
}

/** The conversation with a text at its end: all before it stays as it was, and so does the provider's cache of it. */
export function withLastWords(messages: readonly Message[], text: string): Message[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", content: [{ type: "text", text }] }];
  const part = last.content.at(-1);
  const content =
    part?.type === "text"
      ? [...last.content.slice(0, -1), { ...part, text: `${part.text}\n\n${text}` }]
      : [...last.content, { type: "text" as const, text }];
  return [...messages.slice(0, -1), { role: "user", content }];
}
