import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StreamEvent } from "../../adapters/unified.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

/** Providers that are known by their id, asked by clients of another protocol and of their own. */
const answer: StreamEvent[] = [
  { type: "start", model: "m" },
  { type: "text-delta", text: "<think>hm" },
  { type: "text-delta", text: "</think>\n\nHi" },
  { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 2 } },
];
let provider: ScriptedProvider;
let daemon: TestDaemon;

beforeAll(async () => {
  provider = await startScriptedProvider(() => answer);
  const known = (quirks?: Record<string, unknown>) => ({ protocol: "openai", baseUrl: provider.url, quirks });
  daemon = await startDaemon({
    providers: {
      vllm: known(),
      "vllm-2": known({ thinkTags: false, reasoningField: "none" }),
      mistral: known(),
    },
    groups: {
      native: { models: { "*": "vllm/*" } },
      emulated: { models: { "*": "vllm/*" }, tools: "compat" },
      configured: { models: { "*": "vllm-2/*" } },
      strict: { models: { "*": "mistral/*" } },
    },
  });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
});

async function post(path: string, body: Record<string, unknown>): Promise<string> {
  const response = await fetch(new URL(path, daemon.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], ...body }),
  });
  expect(response.status).toBe(200);
  return response.text();
}
const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
const claude = { max_tokens: 2000, thinking: { type: "disabled" } };
const thoughtful = [
  { type: "thinking", thinking: "hm" },
  { type: "text", text: "Hi" },
];

describe("what is known of a provider", () => {
  it.each([{ stream: false }, { stream: true }])("is used where requests are converted: %j", async (form) => {
    const text = await post("/native/v1/messages", { ...claude, ...form });
    expect(provider.seen[0]?.body).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
    if (!form.stream) expect((JSON.parse(text) as { content: unknown }).content).toMatchObject(thoughtful);
    expect(text).not.toContain("think>");
  });

  it("and where tools are emulated, which reads the whole text", async () => {
    const text = await post("/emulated/v1/messages", { ...claude, tools });
    expect((JSON.parse(text) as { content: unknown }).content).toMatchObject(thoughtful);
  });

  it("gives way to what is configured", async () => {
    const text = await post("/configured/v1/messages", claude);
    expect(provider.seen[0]?.body).not.toHaveProperty("chat_template_kwargs");
    expect(text).toContain("<think>hm</think>");
  });

  it.each([{ stream: false }, { stream: true }])("changes nothing that passes through: %j", async (form) => {
    const sent = { model: "m", messages: [{ role: "user", content: "hi" }], ...form };
    const through = await post("/native/v1/chat/completions", sent);
    expect(provider.seen[0]?.body).toEqual(sent);
    expect(through).toContain("<think>hm");
  });

  it("converts a body that the provider would refuse", async () => {
    const sent = { model: "m", messages: [{ role: "user", content: "hi" }], seed: 1, user: "u" };
    await post("/strict/v1/chat/completions", sent);
    expect(provider.seen[0]?.body).toMatchObject({ random_seed: 1, messages: sent.messages });
    expect(provider.seen[0]?.body).not.toHaveProperty("user");
  });
});
