import { Ollama } from "ollama";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { replay } from "../../../adapters/fold.ts";
import { ollama } from "../../../adapters/ollama/index.ts";
import type { StreamEvent, UnifiedResult } from "../../../adapters/unified.ts";
import { toCall, toContext } from "./fixtures.ts";

const result: UnifiedResult = {
  content: [
    { type: "thinking", text: "Hm." },
    { type: "text", text: "Grüße 🌍" },
    { type: "tool-call", id: "", name: "get_weather", args: '{"city":"Paris"}' },
  ],
  finishReason: "tool-calls",
  usage: { inputTokens: 3, outputTokens: 4 },
};

/** The official client, against our client face in place of a network. */
function createClient(events: StreamEvent[] = replay(result)): Ollama {
  const face = ollama.client;
  if (!face) throw new Error("the protocol has clients");
  const answer = (url: string, body: unknown): Response => {
    const call = toCall(url.endsWith("generate") ? "generate" : "chat");
    try {
      const request = face.parseRequest(body, call);
      const context = { ...toContext(call.variant ?? ""), request };
      const direct = face.answerDirectly?.(request, call, context);
      const headers =
        direct === undefined && request.stream ? face.streamHeaders(call) : face.responseHeaders;
      if (direct !== undefined) return new Response(JSON.stringify(direct), { headers });
      if (!request.stream)
        return new Response(JSON.stringify(face.writeResponse(result, context)), { headers });
      const writer = face.createStreamWriter(context);
      return new Response(writer.push(events) + writer.end(), { headers });
    } catch (error) {
      const { status, headers, body: text } = face.writeError(error as GatewayError, call);
      return new Response(text, { status, headers });
    }
  };
  const fetch = async (url: unknown, init?: RequestInit) =>
    answer(String(url), JSON.parse(String(init?.body)));
  return new Ollama({ host: "http://127.0.0.1:1", fetch: fetch as typeof globalThis.fetch });
}

const messages = [{ role: "user", content: "hi" }];

describe("the official SDK", () => {
  it("reads a whole answer", async () => {
    const { message, done, eval_count } = await createClient().chat({ model: "m", messages });
    expect({ message, done, eval_count }).toMatchObject({
      message: {
        content: "Grüße 🌍",
        thinking: "Hm.",
        tool_calls: [{ function: { name: "get_weather", arguments: { city: "Paris" } } }],
      },
      done: true,
      eval_count: 4,
    });
  });

  it("reads a stream to its end", async () => {
    const parts = [];
    for await (const part of await createClient().chat({ model: "m", messages, stream: true }))
      parts.push(part);
    expect(parts.map((part) => part.message.content).join("")).toBe("Grüße 🌍");
    expect(parts.flatMap((part) => part.message.tool_calls ?? [])).toHaveLength(1);
    expect(parts.at(-1)).toMatchObject({ done: true, done_reason: "stop", prompt_eval_count: 3 });
  });

  it("reads /api/generate, whole, streamed and empty", async () => {
    const client = createClient();
    expect((await client.generate({ model: "m", prompt: "hi" })).response).toBe("Grüße 🌍");
    let text = "";
    for await (const part of await client.generate({ model: "m", prompt: "hi", stream: true }))
      text += part.response;
    expect(text).toBe("Grüße 🌍");
    expect(await client.generate({ model: "m", prompt: "" })).toMatchObject({
      done: true,
      done_reason: "load",
    });
  });

  it("throws our errors, before and inside a stream", async () => {
    await expect(createClient().chat({ model: "", messages })).rejects.toMatchObject({
      message: "model is required",
      status_code: 400,
    });
    const broken = createClient([
      { type: "text-delta", text: "a" },
      { type: "error", error: new GatewayError("upstream", "it broke") },
    ]);
    const read = async () => {
      for await (const part of await broken.chat({ model: "m", messages, stream: true }))
        expect(part.done).toBe(false);
    };
    await expect(read()).rejects.toThrow("it broke");
  });
});
