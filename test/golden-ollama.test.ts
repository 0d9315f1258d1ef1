import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startGolden,
  stopGolden,
  beginSlow,
  post,
  seenRequest,
  steady,
  head,
  counts,
  model,
  chat,
  whole,
  generate,
  JSON_TYPE,
  expectHeaders,
  expectError,
} from "./support/golden-ollama.ts";

/** Ollama's answers, byte for byte but for times, ids and durations. */

beforeAll(startGolden);
afterAll(stopGolden);

describe("/api/chat", () => {
  it("streams lines, each with its end, counts only in the last", async () => {
    const sent = await chat("hi");
    expect([sent.status, steady(sent.text)]).toEqual([
      200,
      [
        `{${head},"message":{"role":"assistant","content":"Hel"},"done":false}\n`,
        `{${head},"message":{"role":"assistant","content":"lo"},"done":false}\n`,
        `{${head},"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",${counts}}\n`,
      ].join(""),
    ]);
    expectHeaders(sent, "application/x-ndjson");
    expect(sent.headers["transfer-encoding"]).toBe("chunked");
    expect(sent.chunks.every((chunk) => chunk.endsWith("\n"))).toBe(true);
  });

  it("answers whole when asked to, and only then", async () => {
    const sent = await whole("hi");
    expect(steady(sent.text)).toBe(
      `{${head},"message":{"role":"assistant","content":"Hello"},"done":true,"done_reason":"stop",${counts}}`,
    );
    expectHeaders(sent, JSON_TYPE);
    expect((await chat("hi", { stream: null })).headers["content-type"]).toBe("application/x-ndjson");
  });

  it("thinking has its own lines and field", async () => {
    const text = steady((await chat("THINK", { think: true })).text);
    expect(text).toContain(
      `{${head},"message":{"role":"assistant","content":"","thinking":"hm"},"done":false}\n{${head},"message":{"role":"assistant","content":"yes"},"done":false}\n`,
    );
    expect(steady((await whole("THINK", { think: true })).text)).toContain(
      '"message":{"role":"assistant","content":"yes","thinking":"hm"},"done":true,"done_reason":"stop"',
    );
  });

  it("tool calls come whole, with id and index, without type, before the last line", async () => {
    const tools = ["f", "g"].map((name) => ({
      type: "function",
      function: { name, parameters: { type: "object" } },
    }));
    const first = '{"id":"call_ID","function":{"index":0,"name":"f","arguments":{"z":1,"a":[]}}}';
    const second = '{"id":"call_ID","function":{"index":1,"name":"g","arguments":{}}}';
    const text = steady((await chat("TOOLS", { tools })).text);
    expect(text.split("\n").slice(1)).toEqual([
      `{${head},"message":{"role":"assistant","content":"","tool_calls":[${first}]},"done":false}`,
      `{${head},"message":{"role":"assistant","content":"","tool_calls":[${second}]},"done":false}`,
      `{${head},"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",${counts}}`,
      "",
    ]);
    expect(steady((await whole("TOOLS", { tools })).text)).toContain(
      `"message":{"role":"assistant","content":"ok","tool_calls":[${first},${second}]},"done":true,"done_reason":"stop"`,
    );
  });

  it("says why it ended, and leaves counts of nothing out", async () => {
    expect((await whole("LONG")).text).toContain('"done":true,"done_reason":"length"');
    const empty = steady((await whole("EMPTY")).text);
    expect(empty).toContain('"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"');
    expect(steady((await whole("UNCOUNTED")).text)).toContain(
      '"total_duration":1,"load_duration":1,"prompt_eval_duration":1,"eval_duration":1}',
    );
  });

  it("loads and unloads with one object, even where a stream was asked for", async () => {
    const answer = '"message":{"role":"assistant","content":""},"done":true,"done_reason"';
    for (const [body, reason] of [
      [{ model }, "load"],
      [{ model, messages: [], stream: true, keep_alive: -1 }, "load"],
      [{ model, messages: null, keep_alive: 0 }, "unload"],
      [{ model, keep_alive: "0s", stream: false }, "unload"],
    ] as const) {
      const sent = await post("/api/chat", body);
      expect([sent.status, steady(sent.text)]).toEqual([200, `{${head},${answer}:"${reason}"}`]);
      expectHeaders(sent, JSON_TYPE);
    }
  });

  it("holds its headers until there is something to say", async () => {
    const began = performance.now();
    const asked = chat("SLOW");
    setTimeout(beginSlow, 120);
    const { headAt, text } = await asked;
    expect(headAt - began).toBeGreaterThan(110);
    expect(text).toContain('"content":"Hel"');
  });

  it("echoes the name as it was sent", async () => {
    const body = { model: " QWEN3:8B ", messages: [{ role: "user", content: "hi" }], stream: false };
    expect((await post("/api/chat", body)).text).toMatch(/^\{"model":"QWEN3:8B",/);
  });

  it("fails with a status before the first line, in a line of its own after it", async () => {
    const refused = await chat("REFUSED");
    expect([refused.status, refused.text]).toEqual([503, '{"error":"gone"}']);
    expect(refused.headers["content-type"]).toBe("application/json");
    const broken = await chat("BROKEN");
    expect([broken.status, steady(broken.text)]).toEqual([
      200,
      `{${head},"message":{"role":"assistant","content":"Hel"},"done":false}\n{"error":"gone"}\n`,
    ]);
  });
});

describe("/api/generate", () => {
  it("streams, with the context in the last line only", async () => {
    const sent = await generate("hi");
    expectHeaders(sent, "application/x-ndjson");
    const text = steady(sent.text).replaceAll(/"context":\[\d+(?:,\d+)*\]/g, '"context":[]');
    expect(text).toBe(
      [
        `{${head},"response":"Hel","done":false}\n`,
        `{${head},"response":"lo","done":false}\n`,
        `{${head},"response":"","done":true,"done_reason":"stop","context":[],${counts}}\n`,
      ].join(""),
    );
  });

  it("answers whole, with thinking, without context where it was raw or had a suffix", async () => {
    const text = steady((await generate("THINK", { stream: false })).text);
    expect(text).toMatch(/"response":"yes","thinking":"hm","done":true,"done_reason":"stop","context":\[/);
    for (const special of [{ raw: true }, { suffix: "end" }]) {
      const { status, text } = await generate("hi", { stream: false, ...special });
      expect([status, text]).toEqual([200, expect.not.stringContaining("context")]);
    }
  });

  it("goes on with its context", async () => {
    const { context } = JSON.parse((await generate("hi", { stream: false })).text) as { context: number[] };
    await generate("LONG", { stream: false, context });
    expect(
      seenRequest()?.messages.map(({ role, content }) => [
        role,
        content.map((part) => ("text" in part ? part.text : "")),
      ]),
    ).toEqual([
      ["user", ["hi"]],
      ["assistant", ["Hello"]],
      ["user", ["LONG"]],
    ]);
  });

  it("loads and unloads with an empty prompt", async () => {
    for (const [body, reason] of [
      [{ model }, "load"],
      [{ model, prompt: "", stream: true }, "load"],
      [{ model, prompt: "", keep_alive: 0 }, "unload"],
    ] as const) {
      const sent = await post("/api/generate", body);
      expect(steady(sent.text)).toBe(`{${head},"response":"","done":true,"done_reason":"${reason}"}`);
      expectHeaders(sent, JSON_TYPE);
    }
  });

  it("takes images, and what SDKs send for making some", async () => {
    const { status } = await generate("hi", {
      stream: false,
      images: ["aGVsbG8="],
      width: 5,
      height: 5,
      steps: 1,
    });
    expect(status).toBe(200);
  });
});

describe("/api/embed and /api/embeddings", () => {
  it("always gives a list of vectors of length one, in order", async () => {
    for (const input of ["a", ["a"], [""]]) {
      const sent = await post("/api/embed", { model: "emb", input });
      expect(steady(sent.text)).toMatch(
        /^\{"model":"emb","embeddings":\[\[[^[\]]+\]\],"total_duration":1,"load_duration":1,"prompt_eval_count":3\}$/,
      );
      const { embeddings } = JSON.parse(sent.text) as { embeddings: number[][] };
      expect(Math.hypot(...(embeddings[0] ?? []))).toBeCloseTo(1, 6);
      expectHeaders(sent, JSON_TYPE);
    }
    const cut = await post("/api/embed", { model: "emb", input: ["a", "bb"], dimensions: 2 });
    const { embeddings } = JSON.parse(cut.text) as { embeddings: number[][] };
    expect(embeddings.map((vector) => [vector.length, Math.round(Math.hypot(...vector) * 1e6)])).toEqual([
      [2, 1e6],
      [2, 1e6],
    ]);
  });

  it("loads with nothing to embed", async () => {
    for (const input of [undefined, null, "", []]) {
      const sent = await post("/api/embed", { model: "emb", input });
      expect([sent.status, sent.text]).toEqual([200, '{"model":"emb","embeddings":[]}']);
    }
    expect((await post("/api/embeddings", { model: "emb", prompt: "" })).text).toBe('{"embedding":[]}');
  });

  it("the older route gives the vector as it is", async () => {
    const sent = await post("/api/embeddings", { model: "emb", prompt: "a" });
    expect([sent.status, sent.text]).toEqual([200, '{"embedding":[1,1,0.5]}']);
  });

  it.each([
    ["/api/embed", { model: "emb", input: 5 }, 400, "invalid input type"],
    ["/api/embed", { model: "emb", input: [1] }, 400, "invalid input type"],
    ["/api/embed", { input: "a" }, 404, "model '' not found"],
    [
      "/api/embed",
      { model: "emb", input: "a", keep_alive: "1d" },
      400,
      'time: unknown unit "d" in duration "1d"',
    ],
    [
      "/api/embed",
      { model: "emb", input: "a", truncate: 1 },
      400,
      "json: cannot unmarshal number into Go struct field EmbedRequest.truncate of type bool",
    ],
    ["/api/embeddings", { prompt: "a" }, 400, "model is required"],
    ["/api/embeddings", {}, 400, "model is required"],
  ])("%s %j is refused", (path, body, status, text) => expectError(post(path, body), status, text));

  it("says in each route's words that a model is not there", async () => {
    for (const [path, body] of [
      ["/api/embed", { model: "no", input: "" }],
      ["/api/embeddings", { model: "no", prompt: "a" }],
    ] as const) {
      const { status, text } = await post(path, body);
      expect([status, (JSON.parse(text) as { error: string }).error]).toEqual([
        404,
        expect.stringMatching(/^model "no" not found, try pulling it first/),
      ]);
    }
  });
});
