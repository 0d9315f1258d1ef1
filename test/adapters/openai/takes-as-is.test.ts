import { describe, expect, it } from "vitest";
import { takesAsIs } from "../../../adapters/openai/takes-as-is.ts";

const deepseek = { provider: { id: "p", baseUrl: "https://api.deepseek.com" } };
const openai = { provider: { id: "p", baseUrl: "https://api.openai.com/v1" } };
const unknown = { provider: { id: "p", baseUrl: "https://api.example.com/v1" } };
const user = { role: "user", content: "hi" };

describe("takesAsIs", () => {
  it.each<[string, Record<string, unknown>, boolean]>([
    ["a plain body", { messages: [user], max_tokens: 5 }, true],
    ["the role developer", { messages: [{ role: "developer", content: "x" }, user] }, false],
    ["the newer field of the limit", { messages: [user], max_completion_tokens: 5 }, false],
    ["odd messages", { messages: "hi", tools: "t", tool_choice: 5 }, true],
  ])("DeepSeek and %s", (_name, body, expected) =>
    expect(takesAsIs(body, "deepseek-v4", deepseek)).toBe(expected),
  );

  it("OpenAI's reasoning models know the newer limit alone, and fixed sampling", () => {
    expect(takesAsIs({ messages: [user], max_completion_tokens: 5 }, "gpt-5", openai)).toBe(true);
    expect(takesAsIs({ messages: [user], max_tokens: 5 }, "gpt-5", openai)).toBe(false);
    expect(takesAsIs({ messages: [user], temperature: 0.2 }, "gpt-5", openai)).toBe(false);
    expect(takesAsIs({ messages: [{ role: "developer", content: "x" }] }, "gpt-5", openai)).toBe(true);
  });

  it("fears nothing of a provider nobody knows, unless the configuration does", () => {
    const body = { messages: [{ role: "developer", content: "x" }], tool_choice: { type: "function" } };
    expect(takesAsIs(body, "m", unknown)).toBe(true);
    expect(takesAsIs(body, "m", { ...unknown, quirks: { developerRole: true, toolChoice: "words" } })).toBe(
      false,
    );
    expect(takesAsIs(body, "m", { ...unknown, quirks: { developerRole: true } })).toBe(true);
  });
});
