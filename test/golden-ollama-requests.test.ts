import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startGolden,
  stopGolden,
  post,
  get,
  seenRequest,
  steady,
  model,
  whole,
  JSON_TYPE,
  expectHeaders,
  expectError,
  address,
} from "./support/golden-ollama.ts";
import { send } from "./support/send.ts";

/** What Ollama takes and what it refuses, in its own words; and how it answers at paths it has not. */

beforeAll(startGolden);
afterAll(stopGolden);

describe("bodies", () => {
  const routes = ["chat", "generate", "embed", "embeddings", "show", "pull", "push", "create", "copy"].map(
    (route) => `/api/${route}`,
  );

  it.each([...routes, "/api/delete"])("%s wants one that Go's decoder reads", async (path) => {
    const ask = (body?: string) => send(path === "/api/delete" ? "DELETE" : "POST", address() + path, body);
    await expectError(ask(), 400, "missing request body");
    await expectError(ask(" \n"), 400, "missing request body");
    await expectError(ask("{"), 400, "unexpected EOF");
    await expectError(ask("hello"), 400, "invalid character 'h' looking for beginning of value");
    await expectError(
      ask('{"model":"a",}'),
      400,
      "invalid character '}' looking for beginning of object key string",
    );
    expect((await ask("[]")).text).toMatch(
      /^\{"error":"json: cannot unmarshal array into Go value of type api\.\w+Request"\}$/,
    );
    // As if there were no field at all.
    expect((await ask("null")).text).toBe((await ask("{}")).text);
  });

  it("are read whatever they are said to be, keys in any case, up to the end of the first value", async () => {
    const body = '{"Model":"qwen3:8b","MESSAGES":[{"Role":"User","Content":"hi"}],"stream":false,"more":1}';
    const answer = steady((await post("/api/chat", body)).text);
    expect(answer).toContain('"content":"Hello"');
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
    ])
      expect(steady((await post("/api/chat", body, { "content-type": type })).text)).toBe(answer);
    for (const junk of ["\n", "}}", " {}", "\0", "junk"])
      expect(steady((await post("/api/chat", body + junk)).text)).toBe(answer);
  });

  it("null is unset", async () => {
    const unset = { format: null, keep_alive: null, tools: null, options: null, think: null, images: null };
    const sent = await whole("hi", { ...unset, logprobs: null, truncate: null, shift: null });
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining("Hello")]);
    const nothing = { role: "user", content: null, images: null, tool_calls: null, thinking: null };
    expect((await post("/api/chat", { model, messages: [nothing], stream: false })).status).toBe(200);
  });

  it("a large picture passes", async () => {
    const images = ["A".repeat(12_000_000)];
    const { status } = await post("/api/chat", {
      model,
      messages: [{ role: "user", content: "hi", images }],
      stream: false,
    });
    expect(status).toBe(200);
  });
});

describe("keep_alive, think, format, options", () => {
  it.each([0, 1.5, -1, 300, "5m", "1h30m", "300ms", "24h", "0", "-1s", "-1m", "1.5h", "1h0m0.5s"])(
    "keep_alive %j passes",
    async (keep_alive) => {
      expect((await whole("hi", { keep_alive })).status).toBe(200);
    },
  );

  it.each([
    ["300", 'time: missing unit in duration "300"'],
    ["-1", 'time: missing unit in duration "-1"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["", 'time: invalid duration ""'],
    ["soon", 'time: invalid duration "soon"'],
    [true, "Unsupported type: 'bool'"],
    [[], "Unsupported type: '[]interface {}'"],
    [{}, "Unsupported type: 'map[string]interface {}'"],
  ])("keep_alive %j is refused", (keep_alive, text) => expectError(whole("hi", { keep_alive }), 400, text));

  it.each([
    [true, { mode: "on" }],
    ["low", { mode: "on", effort: "low" }],
    ["medium", { mode: "on", effort: "medium" }],
    ["high", { mode: "on", effort: "high" }],
  ])("think %j reaches the provider", async (think, thinking) => {
    expect((await whole("hi", { think })).status).toBe(200);
    if (think !== true) expect(seenRequest()?.thinking).toMatchObject(thinking);
  });

  it.each(["max", false])("think %j passes", async (think) => {
    expect((await whole("hi", { think })).status).toBe(200);
  });

  const rule = '"high", "medium", "low", "max", true, or false';
  it.each([
    ["High", `invalid think value: "High" (must be ${rule})`],
    ["", `invalid think value: "" (must be ${rule})`],
    ["none", `invalid think value: "none" (must be ${rule})`],
    [1, `think must be a boolean or string (${rule})`],
    [{}, `think must be a boolean or string (${rule})`],
  ])("think %j is refused", (think, text) => expectError(whole("hi", { think }), 400, text));

  it("formats: none, JSON, a schema", async () => {
    for (const [format, output] of [
      ["", undefined],
      ["json", { type: "json" }],
      [{ type: "object" }, { type: "json-schema", schema: { type: "object" } }],
    ] as const) {
      expect((await whole("hi", { format })).status).toBe(200);
      if (output) expect(seenRequest()?.output).toMatchObject(output);
      else expect(seenRequest()?.output).toBeUndefined();
    }
  });

  it.each([
    ["yaml", '"\\"yaml\\""'],
    [5, '"5"'],
    [true, '"true"'],
    [[], '"[]"'],
  ])("format %j is a mistake of the caller's", (format, shown) =>
    expectError(
      whole("hi", { format }),
      400,
      `invalid format: ${shown}; expected "json" or a valid JSON Schema object`,
    ),
  );

  it("options: unknown and removed ones pass, numbers of both kinds, null is none", async () => {
    const removed = {
      mirostat: 1,
      mirostat_eta: 0.1,
      tfs_z: 1,
      penalize_newline: true,
      numa: false,
      low_vram: true,
      f16_kv: true,
      embedding_only: false,
    };
    const options = {
      ...removed,
      temperature: 0,
      num_predict: 20.9,
      seed: null,
      top_k: 5,
      stop: ["x"],
      num_ctx: 131_072,
      nonsense: {},
    };
    expect((await whole("hi", { options })).status).toBe(200);
    expect(seenRequest()?.sampling).toMatchObject({ temperature: 0, maxTokens: 20, stop: ["x"] });
    expect((await whole("hi", { options: { num_predict: -1 } })).status).toBe(200);
    expect(seenRequest()?.sampling?.maxTokens).toBeUndefined();
  });

  it.each([
    [{ temperature: "1" }, 'option "temperature" must be of type float32'],
    [{ num_ctx: "4096" }, 'option "num_ctx" must be of type integer'],
    [{ seed: true }, 'option "seed" must be of type integer'],
    [{ use_mmap: 1 }, 'option "use_mmap" must be of type boolean'],
    [{ stop: "x" }, 'option "stop" must be of type array'],
    [{ stop: [1] }, 'option "stop" must be of an array of strings'],
  ])("options %j are a mistake of the caller's", (options, text) =>
    expectError(whole("hi", { options }), 400, text),
  );
});

describe("refusals", () => {
  const field = (name: string, found: string, type: string) =>
    `json: cannot unmarshal ${found} into Go struct field ${name} of type ${type}`;
  it.each([
    ["/api/chat", {}, 400, "model is required"],
    ["/api/chat", { model: 5 }, 400, field("ChatRequest.model", "number", "string")],
    ["/api/chat", { model, messages: {} }, 400, field("ChatRequest.messages", "object", "[]api.Message")],
    [
      "/api/chat",
      { model, messages: [{ role: "user", content: [] }] },
      400,
      field("ChatRequest.messages.content", "array", "string"),
    ],
    [
      "/api/chat",
      { model, messages: [{ role: "user", content: "x", images: ["data:image/png;base64,AAAA"] }] },
      400,
      "illegal base64 data at input byte 4",
    ],
    [
      "/api/chat",
      {
        model,
        messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: "{}" } }] }],
      },
      400,
      field("ChatRequest.messages.tool_calls.function.arguments", "string", "api.ToolCallFunctionArguments"),
    ],
    ["/api/chat", { model, stream: "true" }, 400, field("ChatRequest.stream", "string", "bool")],
    ["/api/chat", { model, truncate: "x" }, 400, field("ChatRequest.truncate", "string", "bool")],
    ["/api/chat", { model, top_logprobs: 21 }, 400, "top_logprobs must be between 0 and 20"],
    ["/api/chat", { model, top_logprobs: -1 }, 400, "top_logprobs must be between 0 and 20"],
    ["/api/generate", {}, 404, "model '' not found"],
    ["/api/generate", { model: 5 }, 400, field("GenerateRequest.model", "number", "string")],
    [
      "/api/generate",
      { model, prompt: "x", raw: true, template: "t" },
      400,
      "raw mode does not support template, system, or context",
    ],
    [
      "/api/generate",
      { model, prompt: "x", raw: true, system: "s" },
      400,
      "raw mode does not support template, system, or context",
    ],
    [
      "/api/generate",
      { model, prompt: "x", raw: true, context: [1] },
      400,
      "raw mode does not support template, system, or context",
    ],
  ])("%s %j", (path, body, status, text) => expectError(post(path, body), status, text));

  it("a model that is not there: Ollama's words first, then what to do", async () => {
    for (const path of ["/api/chat", "/api/generate"]) {
      const { status, text, headers } = await post(path, {
        model: "no:7b",
        prompt: "x",
        messages: [{ role: "user", content: "x" }],
      });
      expect([status, headers["content-type"]]).toEqual([404, JSON_TYPE]);
      expect((JSON.parse(text) as { error: string }).error).toMatch(
        /^model 'no:7b' not found\b.*ccproxy model add/,
      );
    }
  });
});

describe("paths", () => {
  it("unknown ones and wrong methods are answered in plain text", async () => {
    for (const path of ["/api/nothing", "/api/Tags", "/api"]) {
      const sent = await get(path);
      expect([sent.status, sent.text]).toEqual([404, "404 page not found"]);
      expectHeaders(sent, "text/plain");
    }
    for (const [method, path, allow] of [
      ["GET", "/api/chat", "POST"],
      ["PUT", "/api/tags", "GET, HEAD"],
      ["POST", "/api/delete", "DELETE"],
      ["HEAD", "/api/ps", "GET"],
      ["POST", "/", "GET, HEAD"],
      ["GET", `/api/blobs/sha256:${"a".repeat(64)}`, "HEAD, POST"],
    ] as const) {
      const sent = await get(path, method);
      expect([sent.status, sent.headers.allow]).toEqual([405, allow]);
      expect(sent.text).toBe(method === "HEAD" ? "" : "405 method not allowed");
      expectHeaders(sent, "text/plain");
    }
  });

  it("with a slash too many lead to those without", async () => {
    for (const [method, path, status, location] of [
      ["GET", "/api/tags/", 301, "/api/tags"],
      ["POST", "/api/chat/?a=b", 307, "/api/chat?a=b"],
      ["HEAD", "/api/tags/", 307, "/api/tags"],
      ["POST", "//api//chat", 307, "/api/chat"],
      ["POST", "/default/api/chat/", 307, "/default/api/chat"],
      ["GET", "//default//api/tags", 301, "/default/api/tags"],
    ] as const) {
      const sent = await get(path, method);
      expect([sent.status, sent.headers.location, sent.text]).toEqual([status, location, ""]);
    }
    expect((await get("/api/chat/")).status).toBe(404);
    expect((await get("//nowhere.example/api")).status).toBe(404);
  });

  it("HEAD gives the headers of GET", async () => {
    for (const path of ["/", "/api/version", "/api/tags"]) {
      const [asked, headed] = [await get(path), await get(path, "HEAD")];
      expect([headed.status, headed.text]).toEqual([200, ""]);
      for (const name of ["content-type", "content-length"])
        expect(headed.headers[name]).toBe(asked.headers[name]);
    }
  });

  it("foreign pages and names are turned away without a word", async () => {
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { host: "evil.example" },
    ];
    for (const headers of foreign) {
      const sent = await send("GET", `${address()}/api/tags`, undefined, headers);
      expect([sent.status, sent.text, sent.headers["content-type"]]).toEqual([403, "", undefined]);
    }
    const app = await send("GET", `${address()}/api/tags`, undefined, { origin: "app://obsidian.md" });
    expect([app.status, app.headers["access-control-allow-origin"], app.headers.vary]).toEqual([
      200,
      "app://obsidian.md",
      "Origin",
    ]);
  });

  it("any Authorization is taken and left unread", async () => {
    const sent = await send("GET", `${address()}/api/tags`, undefined, {
      authorization: "Bearer default-key",
    });
    expect(sent.status).toBe(200);
  });

  it("streams by default here, not under /v1", async () => {
    const body = { model, messages: [{ role: "user", content: "hi" }] };
    expect((await post("/api/chat", body)).headers["content-type"]).toBe("application/x-ndjson");
    expect((await post("/v1/chat/completions", body)).headers["content-type"]).toMatch(/^application\/json/);
  });
});
