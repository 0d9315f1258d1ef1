import { request as httpRequest } from "node:http";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import { isModelName } from "../adapters/model-tag.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "./support/daemon.ts";
import { loadRequests } from "./support/fixtures.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/** Whatever comes in, the answer is an error in the caller's own words: never a 500, never silence. */
interface Door {
  protocol: string;
  path: string;
  /** A body this route takes, with every field that matters. */
  body: Record<string, unknown>;
  /** Where the body (or the path) names the model. */
  modelIn?: "path";
}

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const GEMINI = "/v1beta/models/model-a:";
const contents = [{ role: "user", parts: [{ text: "hi" }] }];
const doors: Door[] = [
  {
    protocol: "openai",
    path: "/v1/chat/completions",
    body: {
      model: "model-a",
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: [{ type: "text", text: "hi" }] },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c1", content: "r" },
      ],
      tools: [{ type: "function", function: { name: "f", description: "d", parameters: schema } }],
      tool_choice: "auto",
      temperature: 0.5,
      max_tokens: 10,
      stop: ["x"],
      response_format: { type: "json_object" },
      stream_options: { include_usage: true },
      reasoning_effort: "low",
      stream: false,
    },
  },
  {
    protocol: "openai",
    path: "/v1/completions",
    body: { model: "model-a", prompt: "hi", max_tokens: 5, stop: "x" },
  },
  {
    protocol: "openai",
    path: "/v1/embeddings",
    body: { model: "model-a", input: ["a"], dimensions: 2, encoding_format: "float" },
  },
  {
    protocol: "openai-responses",
    path: "/v1/responses",
    body: {
      model: "model-a",
      instructions: "s",
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
        { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "r" },
      ],
      tools: [{ type: "function", name: "f", parameters: schema }],
      tool_choice: { type: "function", name: "f" },
      text: { format: { type: "text" } },
      reasoning: { effort: "low" },
      max_output_tokens: 20,
    },
  },
  {
    protocol: "claude",
    path: "/v1/messages",
    body: {
      model: "model-a",
      max_tokens: 4000,
      system: [{ type: "text", text: "s" }],
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "f", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "r" }] },
      ],
      tools: [{ name: "f", description: "d", input_schema: schema }],
      tool_choice: { type: "auto" },
      thinking: { type: "enabled", budget_tokens: 2000 },
      stop_sequences: ["x"],
      metadata: { user_id: "u" },
    },
  },
  {
    protocol: "claude",
    path: "/v1/messages/count_tokens",
    body: { model: "model-a", messages: [{ role: "user", content: "hi" }] },
  },
  {
    protocol: "gemini",
    path: `${GEMINI}generateContent`,
    modelIn: "path",
    body: {
      systemInstruction: { parts: [{ text: "s" }] },
      contents: [
        ...contents,
        { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "r" } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: "f", description: "d", parameters: schema }] }],
      toolConfig: { functionCallingConfig: { mode: "AUTO" } },
      generationConfig: { temperature: 0.5, maxOutputTokens: 20, thinkingConfig: { thinkingBudget: 10 } },
    },
  },
  { protocol: "gemini", path: `${GEMINI}streamGenerateContent?alt=sse`, modelIn: "path", body: { contents } },
  { protocol: "gemini", path: `${GEMINI}countTokens`, modelIn: "path", body: { contents } },
  {
    protocol: "gemini",
    path: `${GEMINI}embedContent`,
    modelIn: "path",
    body: { content: { parts: [{ text: "a" }] } },
  },
  {
    protocol: "gemini",
    path: `${GEMINI}batchEmbedContents`,
    modelIn: "path",
    body: { requests: [{ model: "models/model-a", content: { parts: [{ text: "a" }] } }] },
  },
  {
    protocol: "ollama",
    path: "/api/chat",
    body: {
      model: "model-a",
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: {} } }] },
        { role: "tool", tool_name: "f", content: "r" },
      ],
      tools: [{ type: "function", function: { name: "f", description: "d", parameters: schema } }],
      options: { temperature: 0.5, num_predict: 5, stop: ["x"] },
      think: true,
      keep_alive: "5m",
      stream: false,
    },
  },
  {
    protocol: "ollama",
    path: "/api/generate",
    body: { model: "model-a", prompt: "hi", system: "s", stream: false },
  },
  { protocol: "ollama", path: "/api/embed", body: { model: "model-a", input: ["a"] } },
  { protocol: "ollama", path: "/api/embeddings", body: { model: "model-a", prompt: "a" } },
];
/** Routes of Ollama's that change models rather than ask them. */
const managing: Door[] = [
  { protocol: "ollama", path: "/api/show", body: { model: "model-a" } },
  { protocol: "ollama", path: "/api/copy", body: { source: "model-a", destination: "model-c" } },
  { protocol: "ollama", path: "/api/pull", body: { model: "model-a" } },
  { protocol: "ollama", path: "/api/push", body: { model: "model-a" } },
  { protocol: "ollama", path: "/api/create", body: { model: "model-c", from: "model-a" } },
];
const everyDoor = [...doors, ...managing];
const named = (list: Door[]) => list.map((door) => [`${door.protocol} ${door.path}`, door] as const);

const JUNK: unknown[] = [
  null,
  true,
  -1,
  1e308,
  "",
  "x",
  [],
  {},
  [null],
  [[]],
  { type: "x" },
  "\ud800",
  "a\0b",
];
const PROTO = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},';
const answer: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "fine" },
  { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 1 } },
];
const ALLOWED = new Set([200, 400, 401, 403, 404, 405, 413, 415, 422, 429]);

let provider: ScriptedProvider;
let daemon: TestDaemon;
const untouched = Object.getOwnPropertyNames(Object.prototype).sort();

beforeAll(async () => {
  provider = await startScriptedProvider(() => answer);
  const config = perProtocol(provider.url);
  const onlyA = Object.entries(config.groups ?? {}).map(([name]) => [
    name,
    { models: { "model-a": `${name}/model-a` } },
  ]);
  daemon = await startDaemon({
    ...config,
    server: { host: "127.0.0.1", port: 0, ollamaOpen: true, maxBodyBytes: 300_000 },
    groups: { ...Object.fromEntries(onlyA), default: { models: { "model-a": "openai/model-a" } } },
  });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
});
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(untouched);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

interface Got {
  status: number;
  text: string;
  headers: Headers;
}
async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Got> {
  const response = await fetch(daemon.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const postJson = (door: Door, body: unknown, prefix = ""): Promise<Got> =>
  post(prefix + door.path, JSON.stringify(body));

/** The message of an error, which must have the shape of the caller's protocol. */
function readError(protocol: string, { status, text }: Got): string {
  // gin answers unknown routes and methods in plain text, so does Ollama.
  if (protocol === "ollama" && [404, 405].includes(status) && /^40[45] /.test(text)) return text;
  const body = JSON.parse(text) as { type?: string; error: Record<string, unknown> & string };
  switch (protocol) {
    case "ollama":
      expect(body).toEqual({ error: expect.any(String) });
      return body.error;
    case "claude":
      expect(body).toMatchObject({
        type: "error",
        error: { type: expect.any(String), message: expect.any(String) },
      });
      break;
    case "gemini":
      expect(body.error).toMatchObject({
        code: status,
        status: expect.stringMatching(/^[A-Z_]+$/),
        message: expect.any(String),
      });
      break;
    default:
      expect(body.error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
      expect(Object.keys(body.error).sort()).toEqual(["code", "message", "param", "type"]);
  }
  return String(body.error.message);
}

function expectError(door: Door, got: Got, status: number | number[]): string {
  expect([status].flat(), `${door.path}: ${got.text}`).toContain(got.status);
  const message = readError(door.protocol, got);
  expect(message).not.toBe("");
  expect(message).not.toContain("please report");
  expect(provider.seen).toEqual([]);
  return message;
}

describe.each(named(everyDoor))("%s", (_name, door) => {
  it.each(["", " \n", "{", '{"model":', "nonsense", "\0", "\ufeff"])(
    "a body that is no JSON: %j",
    async (body) => void expectError(door, await post(door.path, body), 400),
  );

  it("a body with more behind it, which only Ollama's servers leave unread", async () => {
    const got = await post(door.path, `${JSON.stringify(door.body)} }}`);
    if (door.protocol !== "ollama") expectError(door, got, 400);
    else if (!managing.includes(door)) expect([got.status, got.text]).toEqual([200, expect.any(String)]);
  });

  it.each([[], "x", 5, true, null, [[]]])("a body that is no object: %j", async (body) => {
    expectError(door, await postJson(door, body), [400, 404]);
  });

  it("invalid UTF-8", async () => {
    expectError(door, await post(door.path, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400);
  });

  it("an encoded body, one too deep and one too large", async () => {
    const encoded = await post(door.path, "{}", { "content-encoding": "gzip" });
    expect(expectError(door, encoded, [400, 415])).toContain("content-encoding");
    const deep = [
      `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
      "[".repeat(100_000) + "]".repeat(100_000),
    ];
    for (const nested of deep) {
      const body = `${JSON.stringify(door.body).slice(0, -1)},"x_deep":${nested}}`;
      expect(expectError(door, await post(door.path, body), 400)).toMatch(/nested|depth/);
    }
    const large = JSON.stringify({ ...door.body, padding: "x".repeat(400_000) });
    expect(expectError(door, await post(door.path, large), 413)).toContain("300000");
  });

  it("a large body whose length is not told before", async () => {
    const got = await postChunked(
      door.path,
      Array.from({ length: 50 }, () => "x".repeat(10_000)),
    );
    expectError(door, got, 413);
  });

  it("another method", async () => {
    for (const method of ["PUT", "PATCH", "OPTIONS"]) {
      const response = await fetch(daemon.url + door.path, { method });
      const got = { status: response.status, text: await response.text(), headers: response.headers };
      expectError(door, got, 405);
    }
  });

  it("any content type, whatever the body is said to be", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", ""]) {
      const { status, text } = await post(door.path, JSON.stringify(door.body), { "content-type": type });
      expect([status, text]).not.toEqual([415, expect.anything()]);
      if (!managing.includes(door)) expect([status, text]).toEqual([200, expect.any(String)]);
    }
  });

  it("keys that would reach for a prototype", async () => {
    const body = PROTO + JSON.stringify(door.body).slice(1);
    expect(expectError(door, await post(door.path, body), 400)).toContain("__proto__");
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

describe.each(named(doors))("%s", (_name, door) => {
  const { model: _model, ...rest } = door.body;
  const withModel = (model: string): Door =>
    door.modelIn === "path"
      ? {
          ...door,
          path: door.path.replace("model-a", encodeURIComponent(model.replace(/\ud800/, "?"))),
          body: rest,
        }
      : { ...door, body: { ...rest, model } };

  it("an unknown model: the sentence names the group, and how to add it", async () => {
    for (const model of ["no-such-model", "a/b:c", "\ud800\0", "../etc", "__proto__", "constructor"]) {
      const asked = withModel(model);
      // Ollama says of what can be no name of a model that it is none, and clients of it expect that.
      if (door.protocol === "ollama" && !isModelName(model)) {
        const said = expectError(asked, await postJson(asked, asked.body, "/claude"), 400);
        expect(said).toBe("invalid model name");
        continue;
      }
      const message = expectError(asked, await postJson(asked, asked.body, "/claude"), 404);
      expect(message).toContain("group 'claude'");
      expect(message).toContain("ccproxy model add");
    }
  });

  it("an unknown group: the sentence names those there are, and how to add it", async () => {
    for (const group of ["nowhere", "constructor"]) {
      const message = expectError(door, await postJson(door, door.body, `/${group}`), 404);
      expect(message).toContain("openai-responses");
      expect(message).toContain(`ccproxy group add ${group}`);
    }
  });

  it("no model, or one that is no name", async () => {
    if (door.modelIn === "path") return;
    for (const model of [undefined, null, 5, "", [], {}]) {
      expectError(door, await postJson(door, { ...rest, model }), [400, 404]);
    }
  });

  const main = Object.keys(door.body).filter((key) => MAIN.has(key));
  it.each(main)("%s of the wrong type: the sentence names it", async (key) => {
    for (const value of [5, true, ["x", 5, null]]) {
      const message = expectError(door, await postJson(door, { ...door.body, [key]: value }), 400);
      expect(message.toLowerCase()).toContain(key.toLowerCase());
    }
  });

  it("text with NUL and lone surrogates goes through", async () => {
    const body = JSON.stringify(door.body).replaceAll('"hi"', '"a\\u0000b\\ud800c"');
    expect([200]).toContain((await post(door.path, body)).status);
  });
});

it.each(PROTOCOLS)(
  "one value of a %s body replaced by another: an answer, and never a fault of ours",
  async (protocol) => {
    const bodies = [
      ...doors.filter((door) => door.protocol === protocol),
      ...adapters
        .filter((adapter) => adapter.protocol === protocol)
        .flatMap(loadRequests)
        .map(({ path, body }): Door => ({ protocol, path, body: { ...body, model: "model-a" } })),
    ].map((door) => ({ ...door, path: door.path.replace("gemini-2.5-pro", "model-a") }));
    const value = fc.oneof(fc.constantFrom(...JUNK), fc.jsonValue({ maxDepth: 2 }));
    const prefix = fc.tuple(fc.constantFrom(...PROTOCOLS), fc.constantFrom("", "/compat_mode"));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bodies),
        fc.nat(),
        value,
        prefix,
        async (door, place, put, [group, mode]) => {
          const body = replaceOne(door.body, place, put);
          const got = await postJson(door, body, `/${group}${mode}`);
          // Ollama itself answers 500 to an option or a format of the wrong type.
          const own =
            protocol === "ollama" &&
            got.status === 500 &&
            /^(?:option|invalid format)/.test(readError(protocol, got));
          if (!own) expect(ALLOWED, `${got.status} ${got.text.slice(0, 300)}`).toContain(got.status);
          if (got.status !== 200) readError(protocol, got);
        },
      ),
      { numRuns: Number(process.env.FUZZ ?? 150) },
    );
  },
);

describe("routes and hosts", () => {
  const places = [
    "",
    "/switch",
    "/openai",
    "/claude/compat_mode",
    "/compat",
    "/switch/compat_mode",
    "/nowhere",
  ];
  it.each(places)("an unknown route under '%s'", async (prefix) => {
    for (const path of [
      "/v1/nonsense",
      "/v1/messages/nonsense",
      "/api/nonsense",
      "/v1beta/nonsense",
      "/v1/chat",
    ]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const response = await fetch(daemon.url + prefix + path, {
          method,
          ...(method === "POST" && { body: "{}" }),
        });
        expect(response.status).toBe(404);
        expect(await response.text()).not.toBe("");
      }
    }
  });

  it("paths that try to climb, and paths that cannot be decoded", async () => {
    for (const path of [
      "/..%2f..%2fv1/messages",
      "/%2e%2e/v1/models",
      "/v1/models/%ff%fe",
      "//v1/messages",
      "/%",
    ]) {
      const got = await requestRaw("GET", path);
      expect(ALLOWED, path).toContain(got);
    }
  });
});

describe("client keys", () => {
  let locked: TestDaemon;
  let secret: string;
  let other: string;

  beforeAll(async () => {
    locked = await startDaemon(perProtocol(provider.url), { wrongKeysPerMinute: Number.MAX_SAFE_INTEGER });
    const { keyRing } = locked.storage;
    const first = keyRing.create("one");
    const second = keyRing.create("two");
    await locked.storage.config.update((draft) => {
      draft.keys = { [first.id]: first.record, [second.id]: second.record };
    });
    secret = first.secret;
    other = second.secret;
  });
  afterAll(() => locked.close());

  const carriers = (key: string): Record<string, string>[] => [
    { authorization: `Bearer ${key}` },
    { "x-api-key": key },
    { "x-goog-api-key": key },
    { "api-key": key },
  ];
  const knock = async (door: Door, headers: Record<string, string>, query = ""): Promise<Got> => {
    const path = door.path + (query === "" ? "" : `${door.path.includes("?") ? "&" : "?"}${query}`);
    const response = await fetch(`${locked.url}/${door.protocol}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(door.body),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const closed = doors.filter((door) => door.protocol !== "ollama" && !/embed/i.test(door.path));

  it.each(named(closed))("%s: none, a wrong one and two different ones are refused", async (_name, door) => {
    expectError(door, await knock(door, {}), 401);
    const wrong = `${secret.slice(0, -1)}${secret.endsWith("a") ? "b" : "a"}`;
    for (const key of [wrong, "x", "sk-whatever"]) {
      for (const headers of carriers(key)) {
        const message = expectError(door, await knock(door, headers), 401);
        expect(message).not.toContain(key === "x" ? "\0" : key);
      }
      expectError(door, await knock(door, {}, `key=${key}`), 401);
    }
    expectError(door, await knock(door, { authorization: `Bearer ${secret}`, "x-api-key": other }), 401);
    expectError(door, await knock(door, { authorization: "Basic dTpw" }), 401);
  });

  it.each(named(closed))("%s: the right one opens, whatever carries it", async (_name, door) => {
    for (const headers of carriers(secret)) expect((await knock(door, headers)).status).toBe(200);
    expect((await knock(door, {}, `key=${secret}`)).status).toBe(200);
    const twice = { authorization: `bearer ${secret}`, "x-api-key": secret };
    expect((await knock(door, twice)).status).toBe(200);
  });

  it("Ollama's routes stay open to this machine until they are told not to", async () => {
    const [door] = doors.filter(({ path }) => path === "/api/chat") as [Door];
    expect((await knock(door, {})).status).toBe(200);
    provider.seen.length = 0;
    await locked.storage.config.update((draft) => {
      draft.server.ollamaOpen = false;
    });
    expectError(door, await knock(door, {}), 401);
    expect((await knock(door, { authorization: `Bearer ${secret}` })).status).toBe(200);
  });
});

/** A body sent in pieces, without its length. */
function postChunked(path: string, pieces: string[]): Promise<Got> {
  const url = new URL(daemon.url + path);
  return new Promise((resolve, reject) => {
    const req = httpRequest(
      url,
      { method: "POST", headers: { "content-type": "application/json" } },
      (res) => {
        let text = "";
        res.setEncoding("utf8");
        res.on("data", (chunk: string) => (text += chunk));
        res.on("end", () => resolve({ status: res.statusCode ?? 0, text, headers: new Headers() }));
      },
    );
    req.on("error", reject);
    for (const piece of pieces) req.write(piece);
    req.end();
  });
}

/** The status of a request whose path no client library tidies up. */
function requestRaw(method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(daemon.url);
  return new Promise((resolve, reject) => {
    const req = httpRequest({ hostname, port, method, path }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    req.on("error", reject);
    req.end();
  });
}

/** `value` with one of the values in it replaced; `place` chooses which. */
function replaceOne(value: unknown, place: number, put: unknown): unknown {
  const places = listPlaces(value);
  const path = places[place % places.length] ?? [];
  const copy = structuredClone(value);
  if (path.length === 0) return put;
  let at = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) as string] = put;
  return copy;
}

function listPlaces(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    listPlaces(item).map((path) => [key, ...path]),
  );
  return [[], ...inner];
}

const MAIN = new Set(["messages", "contents", "content", "input", "tools", "requests"]);
