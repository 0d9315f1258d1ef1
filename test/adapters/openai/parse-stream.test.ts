import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { listStreams, loadStream, request } from "./load.ts";
import type { BuildOptions } from "../../../adapters/adapter.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";

function parse(pieces: string[], options?: BuildOptions, asked: UnifiedRequest = request): StreamEvent[] {
  const parser = createStreamParser(asked, options);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}
const fold = (name: string, options?: BuildOptions) => foldEvents(parse([loadStream(name)], options));
const sse = (...chunks: unknown[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
const delta = (value: unknown, finish: string | null = null) => ({
  choices: [{ index: 0, delta: value, finish_reason: finish }],
});
const call = (name: string, args: string, id = ""): unknown => ({ type: "tool-call", id, name, args });
const paris = '{"city":"Paris"}';
const rome = '{"city":"Rome"}';

describe("cutting", () => {
  it.each(listStreams())("%s gives the same events however it is cut", (name) => {
    for (const text of [loadStream(name), loadStream(name).replaceAll("\n", "\r\n")]) {
      const whole = parse([text]);
      expect(whole).toEqual(parse([loadStream(name)]));
      expect(parse([...text])).toEqual(whole);
      for (let at = 1; at < text.length; at++) {
        expect(parse([text.slice(0, at), text.slice(at)])).toEqual(whole);
      }
    }
  });

  it.each(listStreams())("%s ends with exactly one finish or error, and nothing follows", (name) => {
    const events = parse([loadStream(name), loadStream(name)]);
    const ends = events.filter((event) => event.type === "finish" || event.type === "error");
    expect(ends).toHaveLength(1);
    expect(events.at(-1)).toBe(ends[0]);
  });
});

describe("text and usage", () => {
  it("trap 35: counts usage that comes after the finish reason, cached tokens included", () => {
    expect(parse([loadStream("text")])).toEqual([
      { type: "start", id: "chatcmpl-1", model: "some-model" },
      { type: "text-delta", text: "Grüße" },
      { type: "text-delta", text: " 🌍!" },
      {
        type: "finish",
        reason: "stop",
        usage: { inputTokens: 12, outputTokens: 7, cachedTokens: 8, reasoningTokens: 3 },
      },
    ]);
  });

  it("trap 35: reads past chunks without choices and with null choices", () => {
    expect(fold("azure")).toMatchObject({
      content: [{ type: "text", text: "Hi" }],
      usage: { inputTokens: 1, outputTokens: 1 },
    });
  });

  it("reads refusals, token probabilities and pictures", () => {
    expect(fold("refusal")).toMatchObject({ content: [], refusal: "I cannot help.", finishReason: "stop" });
    expect(fold("logprobs").logprobs).toMatchObject([{ token: "Hel" }, { token: "lo" }]);
    expect(fold("images").content[1]).toEqual({
      type: "media",
      mimeType: "image/png",
      source: { kind: "base64", data: "iVBORw0KGgo=" },
    });
  });

  it("takes the first of several answers", () => {
    expect(fold("two-choices")).toMatchObject({ content: [{ text: "A" }], finishReason: "stop" });
  });

  it("trap 33: tells the content filter and the limit from a stop", () => {
    expect(fold("content-filter").finishReason).toBe("content-filter");
    expect(fold("no-done").finishReason).toBe("length");
  });

  it("takes tool_calls without any call as a stop", () => {
    const text = `${sse(delta({ content: "Hi", tool_calls: [] }), delta({}, "tool_calls"))}data: [DONE]\n\n`;
    expect(foldEvents(parse([text]))).toMatchObject({ content: [{ text: "Hi" }], finishReason: "stop" });
  });

  it("gives the stop text that vLLM names", () => {
    const end = { choices: [{ index: 0, delta: {}, finish_reason: "stop", stop_reason: "END" }] };
    expect(foldEvents(parse([sse(delta({ content: "Hi" }), end)])).stopSequence).toBe("END");
  });
});

describe("tool calls", () => {
  it("keeps parallel calls apart by their index, after the text", () => {
    expect(fold("parallel-calls")).toMatchObject({
      content: [
        { type: "text", text: "I will look." },
        call("get_weather", paris, "call_a"),
        call("get_weather", rome, "call_b"),
      ],
      finishReason: "tool-calls",
    });
    expect(fold("interleaved-calls").content).toEqual([
      call("get_weather", paris, "call_a"),
      call("now", "{}", "call_b"),
    ]);
  });

  it.each([
    [
      "trap 30: no index",
      "call-without-index",
      [
        ["get_weather", paris, "call_a"],
        ["get_weather", rome, "call_b"],
      ],
    ],
    [
      "trap 30: index 0 for all",
      "calls-constant-index",
      [
        ["get_weather", paris, "call_a"],
        ["get_weather", rome, "call_b"],
        ["now", "{}", ""],
      ],
    ],
    ["trap 30: an index that drifts", "call-drifting-index", [["get_weather", paris, "call_a"]]],
    [
      "trap 31: whole calls in one chunk with the finish reason",
      "calls-in-one-chunk",
      [
        ["get_weather", paris, "call_a"],
        ["get_weather", rome, "call_b"],
      ],
    ],
    [
      "trap 31: empty ids",
      "calls-without-ids",
      [
        ["get_weather", paris, ""],
        ["get_weather", rome, ""],
      ],
    ],
    ["trap 31: a name in every chunk", "call-repeated-name", [["get_weather", paris, "call_a"]]],
    ["trap 31: a name in two pieces", "call-split-name", [["get_weather", paris, "call_a"]]],
    ["trap 31: empty arguments", "call-empty-args", [["now", "{}", "call_a"]]],
    ["trap 31: arguments as an object", "call-object-args", [["get_weather", paris, "call_a"]]],
    ["the legacy function_call", "function-call", [["get_weather", paris, ""]]],
  ] as const)("%s", (_, name, calls) => {
    const result = fold(name);
    expect(result.content).toEqual(calls.map(([tool, args, id]) => call(tool, args, id)));
    expect(result.finishReason).toBe("tool-calls");
  });

  it("trap 30: finds the calls of one chunk by place when they have neither index nor id", () => {
    const begin = [
      { id: "a", function: { name: "get_weather", arguments: "" } },
      { id: "b", function: { name: "get_weather", arguments: "" } },
    ];
    const grow = [{ function: { arguments: paris } }, { function: { arguments: rome } }];
    const text = sse(delta({ tool_calls: begin }), delta({ tool_calls: grow }), delta({}, "tool_calls"));
    expect(foldEvents(parse([text])).content).toEqual([
      call("get_weather", paris, "a"),
      call("get_weather", rome, "b"),
    ]);
  });

  it("trap 30: one id for all calls still makes several calls", () => {
    const one = (index: number, args: string) => ({
      index,
      id: "call_0",
      function: { name: "get_weather", arguments: args },
    });
    const text = sse(
      delta({ tool_calls: [one(0, paris)] }),
      delta({ tool_calls: [one(1, rome)] }),
      delta({}, "tool_calls"),
    );
    expect(foldEvents(parse([text])).content).toMatchObject([{ args: paris }, { args: rome }]);
  });

  it("trap 30: a new id in every chunk is still one call", () => {
    const piece = (id: string, args: string) => ({ index: 0, id, function: { arguments: args } });
    const first = { index: 0, id: "x1", function: { name: "get_weather", arguments: "" } };
    const text = sse(
      delta({ tool_calls: [first] }),
      delta({ tool_calls: [piece("x2", '{"city":')] }),
      delta({ tool_calls: [piece("x3", '"Paris"}')] }),
      delta({}, "tool_calls"),
    );
    expect(foldEvents(parse([text])).content).toEqual([call("get_weather", paris, "x1")]);
  });

  it("two calls without arguments, named one after the other at one index", () => {
    const named = (id: string, name: string) =>
      delta({ tool_calls: [{ index: 0, id, function: { name, arguments: "" } }] });
    const text = sse(named("a", "now"), named("b", "now"), delta({}, "tool_calls"));
    expect(foldEvents(parse([text])).content).toEqual([call("now", "{}", "a"), call("now", "{}", "b")]);
  });

  it("two calls of one tool in one chunk, with nothing to tell them apart", () => {
    const bare = { function: { name: "now", arguments: "" } };
    const text = sse(delta({ tool_calls: [bare, bare] }, "tool_calls"));
    expect(foldEvents(parse([text])).content).toEqual([call("now", "{}"), call("now", "{}")]);
  });

  it("a second call of the same tool at the same index, without ids", () => {
    const named = delta({ tool_calls: [{ index: 0, function: { name: "get_weather", arguments: "" } }] });
    const args = (json: string) => delta({ tool_calls: [{ index: 0, function: { arguments: json } }] });
    const text = sse(named, args(paris), named, args(rome), delta({}, "tool_calls"));
    expect(foldEvents(parse([text])).content).toEqual([
      call("get_weather", paris),
      call("get_weather", rome),
    ]);
  });

  it("a call without arguments stays in front of the next one", () => {
    const one = (index: number, name: string, args: string) =>
      delta({ tool_calls: [{ index, id: `c${index}`, function: { name, arguments: args } }] });
    const text = sse(one(0, "now", ""), one(1, "get_weather", paris), delta({}, "tool_calls"));
    expect(foldEvents(parse([text])).content).toEqual([
      call("now", "{}", "c0"),
      call("get_weather", paris, "c1"),
    ]);
  });

  it("an id that comes before the name belongs to the same call", () => {
    const text = sse(
      delta({ tool_calls: [{ index: 0, id: "a", type: "function" }] }),
      delta({ tool_calls: [{ index: 0, function: { name: "get_weather" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: paris } }] }),
      delta({}, "stop"),
    );
    expect(foldEvents(parse([text]))).toMatchObject({
      content: [call("get_weather", paris, "a")],
      finishReason: "tool-calls",
    });
  });

  it("a call without any name is the one tool there is", () => {
    const text = sse(
      delta({ tool_calls: [{ index: 0, id: "a", function: { arguments: paris } }] }),
      delta({}, "stop"),
    );
    const asked = { ...request, tools: request.tools?.slice(0, 1) };
    expect(foldEvents(parse([text], undefined, asked)).content).toEqual([call("get_weather", paris, "a")]);
  });

  it("keeps the place of a call in front of the text after it", () => {
    const text = sse(
      delta({ tool_calls: [{ index: 0, id: "a", function: { name: "now", arguments: "" } }] }),
      delta({ content: "Done." }),
      delta({}, "tool_calls"),
    );
    expect(foldEvents(parse([text])).content.map((part) => part.type)).toEqual(["tool-call", "text"]);
  });

  it("takes a custom call's free text as its argument, piece by piece", () => {
    const [part] = fold("call-custom").content;
    expect(part).toMatchObject({ type: "tool-call", name: "apply_patch", id: "call_a" });
    expect(JSON.parse(part?.type === "tool-call" ? part.args : "")).toEqual({
      input: '*** Begin "Patch"\n+ü\n',
    });
  });

  it("trap 20: keeps the signature of a call", () => {
    expect(fold("call-signed").content[0]).toMatchObject({
      signature: { origin: "openai", value: "c2lnbmVk" },
    });
  });

  it("trap 17: gives back the client's name of a tool", () => {
    const name = "mcp::a tool.with-a-name";
    const asked = { ...request, tools: [{ name, parameters: {} }] };
    const wire = /"name":"([^"]+)"/.exec(JSON.stringify(buildNames(asked)))?.[1] ?? "";
    expect(wire).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    const text = sse(
      delta({ tool_calls: [{ index: 0, id: "a", function: { name: wire, arguments: "{}" } }] }, "tool_calls"),
    );
    expect(foldEvents(parse([text], undefined, asked)).content).toEqual([call(name, "{}", "a")]);
  });
});

describe("reasoning", () => {
  it.each([
    ["trap 34: reasoning_content", "reasoning-deepseek", "Let me think.", "Hello!"],
    ["trap 34: reasoning and reasoning_details, once", "reasoning-openrouter", "Think more", "Hello"],
    ["trap 34: thinking parts in content", "reasoning-mistral", "Let me think.", "Hello!"],
  ])("%s", (_, name, thinking, text) => {
    expect(fold(name).content).toEqual([
      { type: "thinking", text: thinking },
      { type: "text", text },
    ]);
  });

  it("trap 36: reads the cache hits of DeepSeek", () => {
    expect(fold("reasoning-deepseek").usage).toEqual({
      inputTokens: 10,
      outputTokens: 6,
      cachedTokens: 4,
      reasoningTokens: 3,
    });
  });
});

describe("ends", () => {
  it("trap 38: an end without [DONE] is fine after a finish reason", () => {
    expect(fold("no-done")).toMatchObject({ finishReason: "length", usage: { inputTokens: 20 } });
  });

  it("trap 38: [DONE] alone is an end", () => {
    expect(fold("no-finish")).toMatchObject({ content: [{ text: "Hi" }], finishReason: "stop" });
    const calls = `${sse(delta({ tool_calls: [{ index: 0, id: "a", function: { name: "now", arguments: "{}" } }] }))}data: [DONE]\n\n`;
    expect(foldEvents(parse([calls])).finishReason).toBe("tool-calls");
  });

  it.each(["cut", "html"])("trap 38: %s is a broken answer", (name) => {
    expect(parse([loadStream(name)]).at(-1)).toMatchObject({ type: "error", error: { kind: "upstream" } });
  });

  it("an empty stream and a lone [DONE] are broken answers", () => {
    expect(parse([])).toMatchObject([{ type: "error", error: { kind: "upstream" } }]);
    expect(parse(["data: [DONE]\n\n"])).toMatchObject([{ type: "error", error: { kind: "upstream" } }]);
  });

  it("an event that is no JSON breaks the answer, except after the finish reason", () => {
    expect(parse(["data: {oops\n\n"]).at(-1)).toMatchObject({ type: "error" });
    expect(parse([`${sse(delta({ content: "Hi" }, "stop"))}data: {oops\n\n`]).at(-1)).toMatchObject({
      type: "finish",
    });
  });

  it("reads a provider that ignored `stream`", () => {
    const body: unknown = JSON.parse(loadStream("plain-json"));
    expect(fold("plain-json")).toEqual(parseResponse(body, request));
  });

  it.each([
    ["error", "overloaded", "The server is overloaded", 2],
    ["error-openrouter", "rate-limit", "Rate limited upstream", 0],
    ["error-named", "upstream", "boom", 0],
  ])("trap 39: %s", (name, kind, message, before) => {
    const events = parse([loadStream(name)]);
    expect(events).toHaveLength(before + 1);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { kind, message } });
  });

  it("trap 39: an error as plain JSON in place of a stream", () => {
    const text = JSON.stringify({ error: { message: "too many", type: "rate_limit_error" } });
    expect(parse([text])).toMatchObject([
      { type: "error", error: { kind: "rate-limit", message: "too many" } },
    ]);
  });

  it.each([
    null,
    1,
    [],
    "x",
    { choices: 3 },
    { choices: [null, 4] },
    { choices: [{ delta: { tool_calls: [null, 7, {}] } }] },
  ])("reads past %j", (chunk) => {
    const text = `${sse(chunk, delta({ content: "Hi" }, "stop"))}data: [DONE]\n\n`;
    expect(foldEvents(parse([text])).content).toEqual([{ type: "text", text: "Hi" }]);
  });
});

it("trap 32: cumulative deltas, with the quirk alone", () => {
  expect(fold("cumulative", { quirks: { cumulative: true } }).content).toEqual([
    { type: "text", text: "Hello." },
    call("get_weather", paris, "call_a"),
  ]);
  expect(fold("cumulative").content[0]).toEqual({ type: "text", text: "HelHelloHello." });
});

function buildNames(asked: UnifiedRequest): unknown {
  return buildRequest(asked).body?.tools;
}
