import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { openai } from "../../../adapters/openai/index.ts";
import { makeCall, makeContext, weather } from "./load.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";

/** The official SDK in front of our client face; the provider is the events given. */
function connect(events: StreamEvent[]): OpenAI {
  return new OpenAI({
    apiKey: "none",
    baseURL: "http://localhost/v1",
    maxRetries: 0,
    fetch: async (url, init) => {
      const { client } = openai;
      if (!client) throw new Error("the adapter has a client face");
      const call = makeCall(String(url).includes("/chat/") ? "chat" : "completions");
      const request = client.parseRequest(JSON.parse(String(init?.body)), call);
      const context = { ...makeContext({}, call.variant), request };
      if (!request.stream) return Response.json(client.writeResponse(foldEvents(events), context));
      const writer = client.createStreamWriter(context);
      return new Response(writer.push(events) + writer.end(), { headers: client.streamHeaders(call) });
    },
  });
}
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  { type: "function", function: { name: "get_weather", parameters: weather, strict: true } },
];
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];
const finish: StreamEvent = { type: "finish", reason: "stop", usage: { inputTokens: 2, outputTokens: 3 } };
const text: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "Hello" },
  { type: "text-delta", text: "!" },
  finish,
];
const calls: StreamEvent[] = [
  { type: "tool-start", index: 0, id: "a", name: "get_weather" },
  { type: "tool-start", index: 1, id: "b", name: "get_weather" },
  { type: "tool-delta", index: 1, json: '{"city":"Rome"}' },
  { type: "tool-delta", index: 0, json: '{"city":"Paris"}' },
  { type: "finish", reason: "tool-calls" },
];

describe("the official SDK", () => {
  it("reads a full answer and a stream", async () => {
    const sdk = connect(text);
    const full = await sdk.chat.completions.create({ model: "m", messages });
    expect(full).toMatchObject({
      model: "m",
      choices: [{ message: { content: "Hello!" }, finish_reason: "stop" }],
      usage: { total_tokens: 5 },
    });
    const stream = sdk.chat.completions.stream({
      model: "m",
      messages,
      stream_options: { include_usage: true },
    });
    expect(await stream.finalChatCompletion()).toMatchObject({
      choices: [{ message: { content: "Hello!" }, finish_reason: "stop" }],
      usage: { total_tokens: 5 },
    });
  });

  it("reads parallel calls that came interleaved, and takes an answer back as history", async () => {
    const sdk = connect(calls);
    const done: string[] = [];
    const stream = sdk.chat.completions.stream({ model: "m", messages, tools });
    stream.on("tool_calls.function.arguments.done", (event) => done.push(event.arguments));
    const { message } = (await stream.finalChatCompletion()).choices[0] ?? {};
    expect(done).toEqual(['{"city":"Paris"}', '{"city":"Rome"}']);
    expect(message?.tool_calls).toMatchObject([{ id: "a" }, { id: "b" }]);
    const history = message ? [...messages, message] : messages;
    const full = await sdk.chat.completions.create({ model: "m", messages: history, tools });
    expect(full.choices[0]?.message).toMatchObject({ content: null, tool_calls: [{ id: "a" }, { id: "b" }] });
  });

  it("reads a refusal, structured output and legacy completions", async () => {
    const refused = await connect([{ type: "refusal-delta", text: "No." }, finish]).chat.completions.create({
      model: "m",
      messages,
    });
    expect(refused.choices[0]?.message).toMatchObject({ content: null, refusal: "No." });
    const json = await connect([{ type: "text-delta", text: '{"a":1}' }, finish]).chat.completions.parse({
      model: "m",
      messages,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: weather, strict: true } },
    });
    expect(json.choices[0]?.message.parsed).toEqual({ a: 1 });
    expect((await connect(text).completions.create({ model: "m", prompt: "hi" })).choices[0]?.text).toBe(
      "Hello!",
    );
    let all = "";
    for await (const chunk of await connect(text).completions.create({
      model: "m",
      prompt: "hi",
      stream: true,
    })) {
      all += chunk.choices[0]?.text ?? "";
    }
    expect(all).toBe("Hello!");
  });

  it("throws the error inside a stream", async () => {
    const sdk = connect([
      { type: "text-delta", text: "He" },
      { type: "error", error: new GatewayError("overloaded", "busy") },
    ]);
    const stream = await sdk.chat.completions.create({ model: "m", messages, stream: true });
    await expect(async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    }).rejects.toThrow("busy");
  });
});
