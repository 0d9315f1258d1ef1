import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { perProtocol, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

let provider: ScriptedProvider;
let daemon: TestDaemon;
let sdk: Anthropic;
beforeAll(async () => {
  provider = await startScriptedProvider(() => [], ["model-a"]);
  daemon = await startDaemon(perProtocol(provider.url));
  sdk = new Anthropic({ baseURL: `${daemon.url}/openai`, apiKey: "k", maxRetries: 0 });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

const messages = [{ role: "user" as const, content: "hi" }];
const base = { model: "model-a", messages };

it("answers Claude's clients in the shape they ask for, and says that it is an estimate", async () => {
  const { data, response } = await sdk.messages.countTokens(base).withResponse();
  expect(data).toEqual({ input_tokens: expect.any(Number) });
  expect(response.headers.get("x-ccproxy-token-count")).toBe("estimated");
  expect(await sdk.beta.messages.countTokens(base)).toMatchObject({
    context_management: null,
    input_tokens: data.input_tokens,
  });
  const edits = [{ type: "clear_tool_uses_20250919" as const }];
  expect(await sdk.beta.messages.countTokens({ ...base, context_management: { edits } })).toMatchObject({
    context_management: { original_input_tokens: data.input_tokens },
  });
  expect(provider.seen).toEqual([]);
});

it("counts every field a body may have", async () => {
  const count = async (more: object): Promise<number> =>
    (await sdk.beta.messages.countTokens({ ...base, ...more } as typeof base)).input_tokens;
  const plain = await count({});
  const words = "many more words than before ".repeat(20);
  const schema = { type: "object", properties: { a: { type: "string", description: words } } };
  const said = (block: object) => ({
    messages: [...messages, { role: "assistant", content: [block] }, ...messages],
  });
  const bodies = [
    { system: words },
    { system: [{ type: "text", text: words }] },
    { tools: [{ name: "f", input_schema: schema }] },
    { tools: [{ type: "web_search_20260318", name: "web_search", allowed_domains: [words] }] },
    { messages: [{ role: "system", content: words }, ...messages] },
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: words }] },
          ],
        },
      ],
    },
    {
      messages: [
        {
          role: "user",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } }],
        },
      ],
    },
    said({ type: "text", text: words }),
    said({ type: "thinking", thinking: words, signature: "Eq" }),
    said({ type: "tool_use", id: "t", name: "f", input: { a: words } }),
    said({ type: "server_tool_use", id: "s", name: "web_search", input: { query: words } }),
  ];
  for (const body of bodies)
    expect(await count(body), JSON.stringify(body).slice(0, 60)).toBeGreaterThan(plain + 50);
});

it("names in an error's body the request as the header does", async () => {
  const failed: unknown = await sdk.messages
    .countTokens({ ...base, model: "" })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Anthropic.BadRequestError);
  const { requestID, error } = failed as InstanceType<typeof Anthropic.BadRequestError>;
  expect(requestID).toMatch(/^req_\w{20,}$/);
  expect(error).toMatchObject({ type: "error", request_id: requestID });
});
