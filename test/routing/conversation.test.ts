import { expect, it } from "vitest";
import type { Message, UnifiedRequest } from "../../adapters/unified.ts";
import { hashConversation } from "../../routing/conversation.ts";

const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const request = (messages: Message[], more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "m",
  messages,
  stream: true,
  ...more,
});
const answer: Message = { role: "assistant", content: [{ type: "text", text: "yes" }] };

it("stays the same from turn to turn", () => {
  const first = request([user("fix the build")], { system: [{ type: "text", text: "you are" }] });
  const later = { ...first, model: "other", messages: [...first.messages, answer, user("and now?")] };
  expect(hashConversation(later)).toBe(hashConversation(first));
});

it("tells conversations apart by their beginning and by who asks", () => {
  const hashes = [
    request([user("fix the build")]),
    request([user("fix the tests")]),
    request([user("fix the build")], { userId: "u" }),
    request([user("fix the build")], { system: [{ type: "text", text: "s" }] }),
    request([]),
  ].map(hashConversation);
  expect(new Set(hashes).size).toBe(5);
});
