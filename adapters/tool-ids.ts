import { createHash } from "node:crypto";
import type { Message, ToolResultPart, UnifiedRequest } from "./unified.ts";

/**
 * A call id that a provider accepts: unchanged where allowed, else a hash of it. The same id always gives the same
 * result, so call and result stay a pair without a table.
 */
export function toSafeId(id: string, rule: { allowed: RegExp; maxLength: number }): string {
  if (id !== "" && id.length <= rule.maxLength && rule.allowed.test(id)) return id;
  return `call_${createHash("sha256")
    .update(id)
    .digest("hex")
    .slice(0, Math.min(24, rule.maxLength - 5))}`;
}

/**
 * Completes what clients leave out: calls without id get one that depends on their place in the conversation, results
 * without id are paired with the next unanswered call of their name (of any name, if they have none), and results
 * without a name get the one of their call. Protocols without ids (Gemini, Ollama) need it to be understood by others.
 */
export function pairCalls(messages: Message[]): Message[] {
  if (!messages.some(isOfCalls)) return messages;
  const open: { id: string; name: string }[] = [];
  const nameById = new Map<string, string>();
  let count = 0;
  const answer = (part: ToolResultPart): ToolResultPart => {
    const byId = part.id === "" ? -1 : open.findIndex((call) => call.id === part.id);
    const byName = byId === -1 && part.id === "" ? open.findIndex((call) => call.name === part.name) : byId;
    const at = byName === -1 && part.id === "" && part.name === "" ? 0 : byName;
    const call = at === -1 ? undefined : open.splice(at, 1)[0];
    const id = part.id || call?.id || `call_unpaired_${count++}`;
    const name = part.name || call?.name || nameById.get(id) || "";
    return { ...part, id, name };
  };
  return messages.map((message): Message => {
    if (message.role === "assistant") {
      if (!message.content.some((part) => part.type === "tool-call")) return message;
      const content = message.content.map((part) => {
        if (part.type !== "tool-call") return part;
        const id = part.id || `call_${count}_${part.name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 24)}`;
        count++;
        open.push({ id, name: part.name });
        nameById.set(id, part.name);
        return part.id ? part : { ...part, id };
      });
      return { ...message, content };
    }
    return message.role === "tool" ? { ...message, content: message.content.map(answer) } : message;
  });
}

const isOfCalls = ({ role, content }: Message): boolean =>
  role === "tool" || (role === "assistant" && content.some((part) => part.type === "tool-call"));

/** The tool of that name in the request, if it lists one. */
export const findTool = (request: UnifiedRequest, name: string) =>
  request.tools?.find((tool) => tool.name === name);
