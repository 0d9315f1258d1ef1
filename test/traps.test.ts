import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { foldEvents } from "../adapters/fold.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import { ask, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { said, text, textOf } from "./support/scenario.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "./support/scripted-provider.ts";

/** Traps between the protocols that only the daemon as a whole can fall into; the numbers are explained in the docs. */
let provider: ScriptedProvider;
let daemon: TestDaemon;
let script: Script;

beforeAll(async () => {
  provider = await startScriptedProvider((...given) => script(...given));
  const config = perProtocol(provider.url);
  const aliases = PROTOCOLS.map((name) => [`alias-${name}`, { models: { "*": `${name}/model-a` } }]);
  const impatient = { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"], timeouts: { idle: 150 } };
  daemon = await startDaemon({
    providers: { ...config.providers, impatient },
    groups: {
      ...config.groups,
      ...Object.fromEntries(aliases),
      impatient: { models: { "*": "impatient/*" } },
    },
  });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  script = () => said(text("ok"));
});

const others = (protocol: ProtocolName): ProtocolName[] => PROTOCOLS.filter((name) => name !== protocol);

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(daemon.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response;
}

const claudeBody = (more: Json = {}): Json => ({
  model: "model-a",
  max_tokens: 100,
  messages: [{ role: "user", content: "hi" }],
  ...more,
});

it.each(others("claude"))(
  "trap 2: a %s provider gets the same prompt although Claude Code's first block changes",
  async (target) => {
    for (const hash of ["aaa", "bbb"]) {
      const billing = { type: "text", text: `x-anthropic-billing-header: cc_version=2.1; cch=${hash};` };
      await post(
        `/${target}/v1/messages`,
        claudeBody({ system: [billing, { type: "text", text: "You are here." }] }),
      );
    }
    const [first, second] = provider.seen.map((seen) => seen.text);
    expect(first).toContain("You are here.");
    expect(second).toBe(first);
  },
);

it.each(others("claude"))(
  "trap 3: system text and content in lists are texts to a %s provider",
  async (target) => {
    const list = (...texts: string[]): Json[] => texts.map((value) => ({ type: "text", text: value }));
    await post(
      `/${target}/v1/messages`,
      claudeBody({
        system: list("You are here.", "Be brief."),
        messages: [
          { role: "user", content: list("one", "two") },
          { role: "assistant", content: list("three") },
          { role: "user", content: "four" },
        ],
      }),
    );
    const { request, body } = provider.seen.at(-1) ?? {};
    expect((request?.system ?? []).map((part) => part.text).join("\n\n")).toBe("You are here.\n\nBe brief.");
    expect(request?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    // An Ollama reads nothing but strings, and most that imitate OpenAI read nothing else of the system.
    if (target !== "ollama" && target !== "openai") return;
    for (const { content } of (body?.messages ?? []) as Json[]) expect(typeof content).toBe("string");
  },
);

it.each(PROTOCOLS)(
  "trap 4: no provider gets the role developer unless it is known for it (%s)",
  async (target) => {
    const messages = [
      { role: "developer", content: "Be brief." },
      { role: "user", content: "hi" },
    ];
    for (const [path, body] of [
      ["/v1/chat/completions", { messages }],
      ["/v1/responses", { input: messages }],
    ] as const) {
      if (path === "/v1/responses" ? target === "openai-responses" : target === "openai") continue;
      await post(`/${target}${path}`, { model: "model-a", ...body });
      const seen = provider.seen.at(-1);
      expect(seen?.text).not.toContain("developer");
      expect(seen?.request?.system?.map((part) => part.text)).toEqual(["Be brief."]);
    }
  },
);

it.each(others("openai"))(
  "trap 12: empty and null tool_calls in deltas end nothing, for a %s client",
  async (client) => {
    const deltas = [
      { role: "assistant", content: "", reasoning_content: null, tool_calls: [] },
      { content: null, reasoning_content: "Let me ", tool_calls: [] },
      { content: null, reasoning_content: "see.", tool_calls: null },
      { content: "Done.", reasoning_content: null, tool_calls: [], function_call: null },
    ];
    const chunks = [
      ...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })),
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    ];
    script = (_request, { res }) =>
      sendStream(
        res,
        [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"]
          .map((data) => `data: ${data}\n\n`)
          .join(""),
      );
    const asked = await ask(`${daemon.url}/openai`, client, {
      model: "m",
      messages: [userText("hi")],
      // Gemini's clients see no thoughts unless they ask for them.
      thinking: { mode: "on" },
      stream: true,
    });
    const result = foldEvents(asked.events);
    expect(result.content.map((part) => ("text" in part ? [part.type, part.text] : [part.type]))).toEqual([
      ["thinking", "Let me see."],
      ["text", "Done."],
    ]);
    expect(result.finishReason).toBe("stop");
  },
);

describe("trap 25: what is Anthropic's or the client's own", () => {
  const mark = { cache_control: { type: "ephemeral" } };
  const body = claudeBody({
    system: [{ type: "text", text: "s", ...mark }],
    messages: [{ role: "user", content: [{ type: "text", text: "hi", ...mark }] }],
    tools: [{ name: "f", input_schema: { type: "object" }, defer_loading: true, ...mark }],
    metadata: { user_id: "u1" },
    context_management: { edits: [] },
    future_field: { deep: 1 },
  });
  const headers = {
    "anthropic-beta": "context-1m-2025-08-07",
    "x-api-key": "",
    "x-forwarded-for": "10.1.2.3",
    "x-stainless-os": "Linux",
    cookie: "session=1",
  };
  const foreign = (): RegExp => new RegExp(`${headers["x-api-key"]}|10\\.1\\.2\\.3|stainless|session=1`);

  // What a proxy hands on comes from another machine: it takes a key.
  beforeAll(async () => {
    const { id, secret, record } = daemon.storage.keyRing.create("proxied");
    headers["x-api-key"] = secret;
    await daemon.storage.config.update((draft) => {
      draft.keys[id] = record;
    });
  });
  afterAll(() =>
    daemon.storage.config.update((draft) => {
      draft.keys = {};
    }),
  );

  it.each(others("claude"))("trap 25: does not reach a %s provider", async (target) => {
    const response = await post(`/${target}/v1/messages?beta=true`, body, headers);
    expect(response.status).toBe(200);
    const seen = provider.seen.at(-1);
    expect(seen?.text).not.toMatch(/cache_control|context_management|future_field|defer_loading/);
    expect(seen?.url).not.toContain("beta=");
    const sent = JSON.stringify(seen?.headers);
    expect(sent).not.toMatch(/anthropic/);
    expect(sent).not.toMatch(foreign());
    expect(sent).toContain("sk-test");
  });

  it("trap 25: reaches a Claude provider, but for the client's key and its whereabouts", async () => {
    await post("/claude/v1/messages?beta=true", body, headers);
    const seen = provider.seen.at(-1);
    expect(seen?.body).toEqual(body);
    expect(seen?.headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
    expect(seen?.url).toContain("beta=true");
    expect(seen?.headers["x-api-key"]).toBe("sk-test");
    expect(JSON.stringify(seen?.headers)).not.toMatch(foreign());
  });
});

describe("trap 33: reasons that only Claude has", () => {
  const REASONS = [
    ["pause_turn", { openai: "stop", "openai-responses": "completed", gemini: "STOP", ollama: "stop" }],
    [
      "model_context_window_exceeded",
      { openai: "length", "openai-responses": "incomplete", gemini: "MAX_TOKENS", ollama: "length" },
    ],
  ] as const;
  const head = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [],
    stop_reason: null,
  };
  const frames = (reason: string): Json[] => [
    { type: "message_start", message: { ...head, usage: { input_tokens: 3, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "half" } },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: 5 },
    },
    { type: "message_stop" },
  ];

  it.each(
    REASONS.flatMap(([reason, words]) => others("claude").map((client) => [reason, client, words] as const)),
  )("trap 33: %s is told to a %s client in its own word", async (reason, client, words) => {
    for (const stream of [true, false]) {
      script = (_request, { res }) => {
        const body = { ...head, content: [{ type: "text", text: "half" }], stop_reason: reason };
        if (!stream) res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
        else
          sendStream(
            res,
            frames(reason)
              .map((data) => `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`)
              .join(""),
          );
        return undefined;
      };
      const asked = await ask(`${daemon.url}/claude`, client, {
        model: "m",
        messages: [userText("hi")],
        stream,
      });
      expect(textOf(foldEvents(asked.events))).toBe("half");
      expect(asked.text).toContain(`"${words[client as Exclude<ProtocolName, "claude">]}"`);
    }
  });
});

describe("trap 41: a provider that is silent for long", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  /** What a client reads while the provider says nothing, and after the first word. */
  const KEEP_ALIVES: Record<ProtocolName, { early: string; late: string }> = {
    openai: { early: ": keep-alive\n\n", late: ": keep-alive\n\n" },
    "openai-responses": { early: "", late: "event: keepalive\ndata: {" },
    claude: { early: "event: ping\ndata: {", late: "event: ping\ndata: {" },
    gemini: { early: "", late: "\n" },
    ollama: { early: "", late: "" },
  };

  it.each(PROTOCOLS)(
    "trap 41: keeps a %s client patient, in a form that its clients count or overlook",
    async (client) => {
      const target = client === "openai" ? "claude" : "openai";
      let silent: ServerResponse | undefined;
      script = (_request, { res }) => {
        silent = res;
        return undefined;
      };
      const asking = readSlowly(`/${target}`, client);
      await vi.waitUntil(() => silent);
      await vi.advanceTimersByTimeAsync(31_000);
      await settle();
      expect(asking.text().startsWith(KEEP_ALIVES[client].early)).toBe(true);
      if (KEEP_ALIVES[client].early === "") expect(asking.text()).toBe("");

      const first = FIRST_WORD[target];
      silent?.writeHead(200, { "content-type": "text/event-stream" });
      silent?.write(first);
      await vi.waitUntil(() => asking.text().includes("Hello"));
      const before = asking.text().length;
      await vi.advanceTimersByTimeAsync(31_000);
      await settle();
      const after = asking.text().slice(before);
      if (KEEP_ALIVES[client].late === "") expect(after).toBe("");
      else expect(after.startsWith(KEEP_ALIVES[client].late)).toBe(true);
      silent?.end();
      await asking.ended;
    },
  );

  it("trap 41: does not live on by what is sent in its place", async () => {
    let silent: ServerResponse | undefined;
    script = (_request, { res }) => {
      silent = res;
      return undefined;
    };
    const asking = readSlowly("/impatient", "claude");
    await vi.waitUntil(() => silent);
    silent?.writeHead(200, { "content-type": "text/event-stream" });
    silent?.write(FIRST_WORD.openai);
    await vi.waitUntil(() => asking.text().includes("Hello"));
    for (let told = 0; told < 8; told++) {
      await vi.advanceTimersByTimeAsync(16_000);
      await settle();
    }
    await asking.ended;
    expect(asking.text()).toMatch(/event: ping[^]*event: error/);
    await provider.seen.at(-1)?.closed;
  });

  const FIRST_WORD = {
    openai: 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n',
    claude:
      'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\n',
  };
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
});

describe("trap 44: a provider that compresses", () => {
  it.each(PROTOCOLS)("trap 44: is asked not to, and told where it does all the same (%s)", async (target) => {
    for (const client of [target, target === "claude" ? "openai" : "claude"] as const) {
      for (const [stream, said] of [
        [true, true],
        [true, false],
        [false, true],
      ] as const) {
        script = (_request, { res, call, face }) => {
          const type = stream ? face.streamHeaders(call)["content-type"] : "application/json";
          // Long enough to hold line ends by chance.
          const words = Array.from({ length: 3000 }, (_, index) => Math.sin(index)).join(" ");
          const body = gzipSync(stream ? `data: {"x":"${words}"}\n\n` : `{"x":"${words}"}`);
          const encoding = said ? { "content-encoding": "gzip" } : {};
          res.writeHead(200, { "content-type": type, ...encoding }).end(body);
          return undefined;
        };
        await daemon.wake();
        const asked = await ask(`${daemon.url}/${target}`, client, {
          model: "m",
          messages: [userText("hi")],
          stream,
        });
        expect(asked.status, `${client} ${stream}`).toBe(502);
        expect(asked.text).toContain("compressed");
        expect(provider.seen.at(-1)?.headers["accept-encoding"]).toBe("identity");
        expect(asked.headers.get("content-encoding")).toBeNull();
      }
    }
  });

  it.each(PROTOCOLS)(
    "trap 44: the length told is that of what is sent, not of what came (%s)",
    async (target) => {
      const asked = await ask(`${daemon.url}/alias-${target}`, target, {
        model: "another-and-much-longer-name",
        messages: [userText("hi")],
        stream: false,
      });
      expect(asked.text).toContain("another-and-much-longer-name");
      expect(asked.headers.get("content-length")).toBe(String(Buffer.byteLength(asked.text)));
    },
  );
});

describe("trap 45: token counts", () => {
  const count = async (body: Json): Promise<number> => {
    const response = await post("/openai/v1/messages/count_tokens?beta=true", { model: "model-a", ...body });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as Json;
    return Number(answer.input_tokens);
  };
  const user = { role: "user", content: "What is the weather in Paris?" };
  const words = "word ".repeat(200);

  it.each<[string, Json]>([
    ["system text", { system: words, messages: [user] }],
    [
      "tools",
      { tools: [{ name: "f", description: words, input_schema: { type: "object" } }], messages: [user] },
    ],
    [
      "thoughts",
      {
        messages: [
          user,
          { role: "assistant", content: [{ type: "thinking", thinking: words, signature: "s" }] },
        ],
      },
    ],
    [
      "calls",
      {
        messages: [
          user,
          { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: { words } }] },
        ],
      },
    ],
    [
      "results",
      {
        messages: [
          user,
          { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: words }] },
        ],
      },
    ],
  ])("trap 45: count %s, and ask no provider", async (_what, body) => {
    const plain = await count({ messages: [user] });
    const full = await count(body);
    expect(plain).toBeGreaterThan(5);
    expect(full - plain).toBeGreaterThan(150);
    expect(full - plain).toBeLessThan(350);
    expect(provider.seen).toHaveLength(0);
  });

  it("trap 45: are Gemini's as well", async () => {
    const response = await post("/claude/v1beta/models/model-a:countTokens", {
      contents: [{ role: "user", parts: [{ text: words }] }],
    });
    const { totalTokens } = (await response.json()) as { totalTokens: number };
    expect(totalTokens).toBeGreaterThan(150);
  });
});

it("trap 46: an editor finds an Ollama with models, tools and chat completions on one port", async () => {
  const get = async (path: string): Promise<Json> =>
    (await (await fetch(`${daemon.url}/alias-openai${path}`)).json()) as Json;
  const { version } = await get("/api/version");
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  // Copilot asks for 0.6.4 at least.
  expect(major * 1000 + minor).toBeGreaterThanOrEqual(7);
  const { models } = await get("/api/tags");
  expect(Array.isArray(models)).toBe(true);
  const shown = (await (await post("/alias-openai/api/show", { model: "model-a" })).json()) as Json;
  expect(isObject(shown.model_info) && shown.model_info["general.architecture"]).toEqual(expect.any(String));
  expect(shown.capabilities).toContain("tools");
  const chat = await post("/alias-openai/v1/chat/completions", {
    model: "model-a",
    messages: [{ role: "user", content: "hi" }],
  });
  expect(chat.status).toBe(200);
});

function sendStream(res: ServerResponse, body: string): undefined {
  res.writeHead(200, { "content-type": "text/event-stream" }).end(body);
}

/** A streamed chat, and what of its answer has come. */
function readSlowly(group: string, client: ProtocolName): { text: () => string; ended: Promise<void> } {
  const [path, body] = PATHS[client];
  let received = "";
  const read = async (): Promise<void> => {
    const response = await post(`${group}${path}`, body);
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      received += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  return { text: () => received, ended: read().catch(() => undefined) };
}

const messages = [{ role: "user", content: "hi" }];
const PATHS: Record<ProtocolName, [string, Json]> = {
  openai: ["/v1/chat/completions", { model: "m", messages, stream: true }],
  "openai-responses": ["/v1/responses", { model: "m", input: "hi", stream: true }],
  claude: ["/v1/messages", claudeBody({ stream: true })],
  gemini: ["/v1beta/models/m:streamGenerateContent?alt=sse", { contents: [{ parts: [{ text: "hi" }] }] }],
  ollama: ["/api/chat", { model: "m", messages, stream: true }],
};
