import type { Message, ToolResultPart } from "./unified.ts";

/**
 * A conversation in which every call is answered exactly once, directly after the turn that made it, under its tool's
 * name, and nothing is answered that was not called: most providers refuse anything else. Results that fit no call
 * become user text; calls without a result (the client was interrupted) get one that says so. Within a turn the
 * results come first.
 */
export function settleCalls(messages: readonly Message[]): Message[] {
  const settled: Message[] = [];
  const open = new Map<string, string>();
  let results: ToolResultPart[] = [];
  let others: Message[] = [];

  const close = (): void => {
    for (const [id, name] of open) results.push(toMissing(id, name));
    if (results.length) settled.push({ role: "tool", content: results });
    settled.push(...others);
    open.clear();
    results = [];
    others = [];
  };
  for (const message of messages) {
    if (message.role === "assistant") {
      // The same id again is another call: the first is settled before.
      const again = message.content.some((part) => part.type === "tool-call" && open.has(part.id));
      if (again || results.length || others.length) close();
      settled.push(message);
      for (const part of message.content) if (part.type === "tool-call") open.set(part.id, part.name);
    } else if (message.role === "tool") {
      for (const result of message.content) {
        const name = open.get(result.id);
        if (name === undefined) others.push(toUserMessage(result));
        else results.push(result.name === name ? result : { ...result, name });
        open.delete(result.id);
      }
    } else others.push(message);
  }
  close();
  return settled;
}

const toMissing = (id: string, name: string): ToolResultPart => ({
  type: "tool-result",
  id,
  name,
  content: [{ type: "text", text: "There is no result: the call was interrupted." }],
  isError: true,
});

const toUserMessage = ({ id, name, content }: ToolResultPart): Message => ({
  role: "user",
  content: [{ type: "text", text: `[result of ${name === "" ? `call ${id}` : name}]` }, ...content],
});
