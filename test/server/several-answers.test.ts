import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import type { StreamEvent } from "../../adapters/unified.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "../support/scripted-provider.ts";

let daemon: TestDaemon;
let provider: ScriptedProvider;
afterEach(async () => {
  await daemon.close();
  await provider.close();
});

/** A daemon in front of one provider of `protocol`, and the official SDK in front of that. */
async function connect(script: Script, { protocol = "claude", path = "", keys = ["sk-a"] } = {}) {
  provider = await startScriptedProvider(script);
  const up = { protocol, baseUrl: provider.url, keys };
  daemon = await startDaemon({ providers: { up }, groups: { default: { models: { "*": "up/*" } } } });
  return new OpenAI({ apiKey: "none", baseURL: `${daemon.url}${path}/v1`, maxRetries: 0 });
}

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];
const usage = { inputTokens: 5, outputTokens: 2 };

/** Each answer says which it was, and how it was asked. */
function counting(): Script {
  let count = 0;
  return (request): StreamEvent[] => [
    { type: "start" },
    { type: "text-delta", text: `answer ${count++}` },
    { type: "text-delta", text: request.choices === undefined ? "" : "asked for several" },
    { type: "finish", reason: count === 1 ? "length" : "stop", usage },
  ];
}

interface Chunk {
  choices: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}
const readChunks = (text: string): Chunk[] =>
  text
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: {"))
    .map((frame) => JSON.parse(frame.slice(6)) as Chunk);

async function stream(body: object, path = "/v1/chat/completions") {
  const response = await fetch(daemon.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages, stream: true, ...body }),
  });
  const text = await response.text();
  return { status: response.status, text, chunks: readChunks(text) };
}

describe("n on a converted path", () => {
  it.each(["claude", "gemini", "openai-responses", "ollama"])(
    "%s: one answer with all choices, and what all of them used",
    async (protocol) => {
      const sdk = await connect(counting(), { protocol });
      const answer = await sdk.chat.completions.create({ model: "m", messages, n: 3 });
      expect(provider.seen).toHaveLength(3);
      expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(answer.choices.map(({ message }) => message.content).sort()).toEqual([
        "answer 0",
        "answer 1",
        "answer 2",
      ]);
      expect(answer.choices.map(({ finish_reason: reason }) => reason).sort()).toEqual([
        "length",
        "stop",
        "stop",
      ]);
      expect(answer.usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 6, total_tokens: 21 });
    },
  );

  it("says nothing of n as of something that was not sent", async () => {
    const sdk = await connect(counting());
    const { response } = await sdk.chat.completions.create({ model: "m", messages, n: 2 }).withResponse();
    expect(response.headers.get("x-ccproxy-warning")).toBeNull();
  });

  it("streamed: each choice has its role, text and finish; one usage and one [DONE] end all", async () => {
    await connect(counting());
    const { text, chunks } = await stream({ n: 3, stream_options: { include_usage: true } });
    for (const index of [0, 1, 2]) {
      const own = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index));
      expect(own[0]?.delta.role).toBe("assistant");
      expect(own.map(({ delta }) => delta.content ?? "").join("")).toMatch(/^answer \d$/);
      expect(own.filter(({ finish_reason: reason }) => reason !== null)).toHaveLength(1);
      expect(own.at(-1)?.finish_reason).toMatch(/stop|length/);
    }
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 15, completion_tokens: 6 },
    });
    expect(chunks.filter((chunk) => chunk.usage)).toHaveLength(1);
    expect(new Set(chunks.map((chunk) => (chunk as unknown as { id: string }).id)).size).toBe(1);
    expect(text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("the SDK's stream helper reads all choices", async () => {
    const sdk = await connect(counting());
    const helper = sdk.chat.completions.stream({ model: "m", messages, n: 2 });
    const answer = await helper.finalChatCompletion();
    expect(answer.choices.map(({ message }) => message.content).sort()).toEqual(["answer 0", "answer 1"]);
  });

  it("calls of all choices have ids of their own", async () => {
    const call: StreamEvent[] = [
      { type: "start" },
      { type: "tool-start", index: 0, id: "call_0", name: "now" },
      { type: "tool-delta", index: 0, json: "{}" },
      { type: "finish", reason: "tool-calls", usage },
    ];
    const sdk = await connect(() => call);
    const answer = await sdk.chat.completions.create({
      model: "m",
      messages,
      n: 3,
      tools: [{ type: "function", function: { name: "now", parameters: { type: "object" } } }],
    });
    const ids = answer.choices.map(({ message }) => message.tool_calls?.[0]?.id);
    expect(new Set(ids).size).toBe(3);
  });

  it("in compat mode every choice has its own reader of calls", async () => {
    const sdk = await connect(
      () => [
        { type: "start" },
        { type: "text-delta", text: '<tool_call>\n{"name": "now", ' },
        { type: "text-delta", text: '"arguments": {}}\n</tool_call>' },
        { type: "finish", reason: "stop", usage },
      ],
      { protocol: "openai", path: "/compat_mode" },
    );
    const answer = await sdk.chat.completions.create({
      model: "m",
      messages,
      n: 2,
      tools: [{ type: "function", function: { name: "now", parameters: { type: "object" } } }],
    });
    expect(provider.seen.map(({ body }) => body.n)).toEqual([undefined, undefined]);
    expect(answer.choices).toMatchObject([
      { index: 0, finish_reason: "tool_calls", message: { tool_calls: [{ function: { name: "now" } }] } },
      { index: 1, finish_reason: "tool_calls", message: { tool_calls: [{ function: { name: "now" } }] } },
    ]);
  });

  it("a seed is another one for every choice", async () => {
    const sdk = await connect(counting(), { protocol: "ollama" });
    await sdk.chat.completions.create({ model: "m", messages, n: 3, seed: 7 });
    const seeds = provider.seen.map(({ request }) => request?.sampling?.seed);
    expect(seeds.sort()).toEqual([7, 8, 9]);
  });

  it("legacy completions: whole and streamed", async () => {
    const sdk = await connect(counting());
    const answer = await sdk.completions.create({ model: "m", prompt: "once", n: 2 });
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 10 });
    const body = { prompt: "once", n: 2, messages: undefined };
    const { chunks, text } = await stream(body, "/v1/completions");
    expect(new Set(chunks.map(({ choices }) => choices[0]?.index))).toEqual(new Set([0, 1]));
    expect(text.match(/\[DONE\]/g)).toHaveLength(1);
  });

  it("the log holds what all choices used", async () => {
    const sdk = await connect(counting());
    const entry = daemon.nextEntry();
    await sdk.chat.completions.create({ model: "m", messages, n: 2 });
    expect(await entry).toMatchObject({ via: "converted", inputTokens: 10, outputTokens: 4 });
  });
});

describe("what is asked for wrongly", () => {
  it.each([
    [9, "n"],
    [0, "n"],
    [129, "n"],
    [-1, "n"],
    ["2", "n"],
    [1.5, "n"],
  ])("n: %j is a 400 that names its place", async (n, param) => {
    await connect(counting());
    const { status, text } = await stream({ n, stream: false });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { type: "invalid_request_error", param } });
    expect(provider.seen).toHaveLength(0);
  });

  it("a provider of the same protocol gets any number itself", async () => {
    const sdk = await connect(counting(), { protocol: "openai" });
    await sdk.chat.completions.create({ model: "m", messages, n: 20 }).catch(() => undefined);
    expect(provider.seen[0]?.body.n).toBe(20);
  });
});

describe("failures", () => {
  const overloaded: StreamEvent = { type: "error", error: new GatewayError("overloaded", "busy") };

  it.each([true, false])(
    "one choice fails at once: all are asked of the next key (stream: %s)",
    async (streamed) => {
      let asked = 0;
      await connect(
        (request, raw) => {
          if (asked++ === 1) {
            raw.res.writeHead(429).end("{}");
            return undefined;
          }
          return counting()(request, raw);
        },
        { keys: ["sk-a", "sk-b"] },
      );
      const { status, text } = await stream({ n: 2, stream: streamed });
      expect(status).toBe(200);
      expect(text).not.toContain('"error"');
      expect(asked).toBe(4);
      const choices = streamed
        ? readChunks(text).flatMap((chunk) => chunk.choices)
        : (JSON.parse(text) as Chunk).choices;
      expect(new Set(choices.map(({ index }) => index))).toEqual(new Set([0, 1]));
    },
  );

  it("all fail: the status is the provider's", async () => {
    await connect((_request, { res }) => {
      res.writeHead(400).end('{"error":{"message":"bad"}}');
      return undefined;
    });
    const { status, text } = await stream({ n: 3 });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { message: "bad" } });
  });

  it("one breaks off after all began: an error in the stream, no [DONE], and the others are ended", async () => {
    let asked = 0;
    let slowClosed: Promise<void> | undefined;
    await connect((_request, { res }) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      const send = (data: Record<string, unknown>): boolean =>
        res.write(`event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`);
      send({ type: "message_start", message: { id: "m", model: "m", content: [], usage: {} } });
      send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
      send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } });
      if (asked++ === 0) {
        slowClosed = new Promise((resolve) => {
          res.on("close", resolve);
        });
      } else {
        setTimeout(() => send({ type: "error", error: { type: "overloaded_error", message: "busy" } }), 100);
      }
      return undefined;
    });
    const { status, text, chunks } = await stream({ n: 2 });
    expect(status).toBe(200);
    const said = chunks.filter((chunk) => chunk.choices);
    expect(new Set(said.flatMap(({ choices }) => choices.map(({ index }) => index)))).toEqual(
      new Set([0, 1]),
    );
    expect(text.match(/"error"/g)).toHaveLength(1);
    expect(text).not.toContain("[DONE]");
    await slowClosed;
  });

  it("a client that leaves ends all of them", async () => {
    let asked = 0;
    const closed: Promise<void>[] = [];
    let allAsked: (() => void) | undefined;
    const ready = new Promise<void>((resolve) => {
      allAsked = resolve;
    });
    const sdk = await connect((_request, { res }) => {
      closed.push(
        new Promise((resolve) => {
          res.on("close", resolve);
        }),
      );
      if (++asked === 3) allAsked?.();
      return undefined;
    });
    const controller = new AbortController();
    const answer = sdk.chat.completions
      .create({ model: "m", messages, n: 3 }, { signal: controller.signal })
      .catch((error: unknown) => error);
    await ready;
    controller.abort();
    await Promise.all(closed);
    expect(await answer).toBeInstanceOf(Error);
  });

  it("an error told inside a stream before all began becomes a status", async () => {
    await connect(() => [{ type: "start" }, overloaded]);
    const { status } = await stream({ n: 2 });
    expect(status).toBe(503);
  });
});
