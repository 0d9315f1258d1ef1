import type { UnifiedRequest } from "../adapters/unified.ts";
import { hashText } from "./slots.ts";

/**
 * A number that stays the same for all turns of a conversation: made of what its beginning says and who asks. Two
 * conversations that begin alike share it, which does no harm.
 */
export function hashConversation(request: UnifiedRequest): number {
  let hash = hashText(request.userId ?? "");
  for (const part of request.system ?? []) hash = hashText(part.text.slice(0, HEAD), hash);
  const first = request.messages.find((message) => message.role === "user");
  for (const part of first?.content ?? []) {
    if (part.type === "text") hash = hashText(part.text.slice(0, HEAD), hash);
  }
  return hash;
}

/** Characters of a text that count: enough to tell conversations apart, little to read. */
const HEAD = 512;
