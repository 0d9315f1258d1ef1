import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startGolden,
  stopGolden,
  chat,
  expectError,
  expectHeaders,
  generate,
  get,
  head,
  JSON_TYPE,
  model,
  post,
  seenRequest,
  steady,
  whole,
} from "./support/golden-ollama.ts";

/** How Go's encoder writes what Ollama says, and what clients ask for without wanting an answer. */

beforeAll(startGolden);
afterAll(stopGolden);

describe("what could be markup is escaped", () => {
  const text = '\\u003ca href=\\"?b\\u0026c\\"\\u003e\\u2028\\u2029\u007f\\u003c/a\\u003e';
  const calls =
    '"tool_calls":[{"id":"call_ID","function":{"index":0,"name":"f","arguments":{"\\u003ck\\u003e":"a \\u0026\\u0026 b"}}}]';
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];

  it("in lines of a stream", async () => {
    const lines = steady((await chat("MARKUP", { tools })).text).split("\n");
    expect(lines.slice(0, 2)).toEqual([
      `{${head},"message":{"role":"assistant","content":"${text}"},"done":false}`,
      `{${head},"message":{"role":"assistant","content":"",${calls}},"done":false}`,
    ]);
    expect((await generate("MARKUP")).text).toContain(`"response":"${text}"`);
  });

  it("in whole answers, and means the same", async () => {
    const sent = await whole("MARKUP", { tools });
    expect(steady(sent.text)).toContain(`"message":{"role":"assistant","content":"${text}",${calls}}`);
    const { message } = JSON.parse(sent.text) as { message: { content: string } };
    expect(message.content).toBe('<a href="?b&c">\u2028\u2029\u007f</a>');
    expect((await generate("MARKUP", { stream: false })).text).toContain(`"response":"${text}"`);
  });

  it("in errors, descriptions and names", async () => {
    const { text } = await post("/api/chat", { model, think: "<b>" });
    expect(text).toContain('invalid think value: \\"\\u003cb\\u003e\\" (must be');
    const shown = await post("/api/show", { model }, { "user-agent": "GitHubCopilotChat/1" });
    expect(shown.text).not.toMatch(/[<>&]/);
    expect((await get("/api/tags")).text).not.toMatch(/[<>&]/);
    expect((await post("/api/pull", { model: "a&b" })).text).toBe('{"error":"invalid model name"}');
  });
});

describe("_debug_render_only", () => {
  const zero = '"message":{"role":"","content":""},"done":false';

  it("tells the prompt and asks no provider, whether streamed or not", async () => {
    const before = seenRequest();
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is this?", images: ["aGVsbG8="] },
      {
        role: "assistant",
        content: "Wait.",
        tool_calls: [{ function: { name: "look", arguments: { at: "it" } } }],
      },
      { role: "tool", tool_name: "look", content: "a picture" },
      { role: "user", content: "So?" },
    ];
    const tool = {
      type: "function",
      function: { name: "look", parameters: { type: "object", properties: {} } },
    };
    const rendered = [
      "Be brief.",
      JSON.stringify([tool]),
      "What is this?",
      "Wait.",
      '{"name":"look","arguments":{"at":"it"}}',
      "a picture",
      "So?",
    ].join("\n");
    for (const stream of [undefined, false]) {
      const body = { model, messages, tools: [tool], stream, _debug_render_only: true };
      const sent = await post("/api/chat", body);
      const info = JSON.stringify({ rendered_template: rendered, image_count: 1 });
      expect([sent.status, steady(sent.text)]).toEqual([200, `{${head},${zero},"_debug_info":${info}}`]);
      expectHeaders(sent, JSON_TYPE);
    }
    expect(seenRequest()).toBe(before);
  });

  it("of /api/generate, raw to the letter; a model is loaded first", async () => {
    for (const [more, rendered] of [
      [{ system: "S" }, "S\nhi"],
      [{ raw: true }, "hi"],
    ] as const) {
      const sent = await generate("hi", { ...more, _debug_render_only: true });
      expect(steady(sent.text)).toBe(
        `{${head},"response":"","done":false,"_debug_info":${JSON.stringify({ rendered_template: rendered })}}`,
      );
    }
    const empty = await generate("", { suffix: "end", _debug_render_only: true });
    expect(steady(empty.text)).toBe(`{${head},"response":"","done":true,"done_reason":"load"}`);
    expect((await whole("hi", { _debug_render_only: false })).text).toContain("Hello");
    await expectError(
      whole("hi", { _debug_render_only: "x" }),
      400,
      "json: cannot unmarshal string into Go struct field ChatRequest._debug_render_only of type bool",
    );
  });
});

it("token probabilities leave out what is empty", async () => {
  const logprobs =
    '"logprobs":[{"token":"Hel","logprob":-0.5,"bytes":[72],"top_logprobs":[{"token":"h","logprob":-2}]},{"token":"x","logprob":0}]';
  const { text } = await chat("LIKELY", { logprobs: true });
  expect(text).toContain(`"done":false,${logprobs}}\n`);
  expect(text.split("logprobs")).toHaveLength(3);
  expect((await whole("LIKELY", { logprobs: true })).text).toContain(
    `"done_reason":"stop",${logprobs},"total_duration"`,
  );
});

it("says what of /api/generate the provider did not get", async () => {
  const warning = async (more: object) =>
    (await generate("hi", { stream: false, ...more })).headers["x-ccproxy-warning"];
  expect(await warning({ template: "{{ .Prompt }}" })).toBe("not sent to openai: template");
  expect(await warning({ raw: true })).toBe("not sent to openai: raw");
  expect(await warning({ context: [1, 2, 3] })).toBe("not sent to openai: context");
  expect(await warning({ system: "s", suffix: "x" })).toBeUndefined();
});

it("unloading minds nothing else", async () => {
  const sent = await generate("", { raw: true, system: "s", keep_alive: 0 });
  expect(steady(sent.text)).toBe(`{${head},"response":"","done":true,"done_reason":"unload"}`);
  await expectError(
    generate("", { raw: true, system: "s" }),
    400,
    "raw mode does not support template, system, or context",
  );
});
