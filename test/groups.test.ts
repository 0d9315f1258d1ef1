import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findAdapter } from "../adapters/index.ts";
import { foldEvents } from "../adapters/fold.ts";
import type { StreamEvent, Tool, UnifiedRequest } from "../adapters/unified.ts";
import type { Config, GroupConfig } from "../storage/types.ts";
import { ask, askResult, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/** What a name means: groups, aliases, pools, lists, keys. */
const answer: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "served" },
  { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 1 } },
];
const request = (model: string, more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model,
  messages: [userText("hi")],
  stream: true,
  ...more,
});

let provider: ScriptedProvider;
let daemon: TestDaemon;

beforeAll(async () => {
  provider = await startScriptedProvider(() => answer, ["model-a", "model-b", "org/Model-C:8b"]);
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.seen.length = 0;
});
afterEach(() => daemon.close());

const start = async (groups: Config["groups"], more: Partial<Config> = {}): Promise<TestDaemon> => {
  const { providers } = perProtocol(provider.url);
  daemon = await startDaemon({ providers, groups, ...more });
  return daemon;
};
/** `provider model` of every chat the provider was asked for, told by the protocol it came by and the key it carried. */
const asked = (): string[] =>
  provider.seen.map(({ url, headers, request: chat }) => {
    const key = String(headers["x-api-key"] ?? headers["x-goog-api-key"] ?? headers.authorization ?? "none");
    return `${chat?.model ?? url} ${key.replace("Bearer ", "")}`;
  });
const models = (): (string | undefined)[] => provider.seen.map(({ request: chat }) => chat?.model);

describe("names", () => {
  const groups: Config["groups"] = {
    default: { models: { "*": "openai/default-*" } },
    Office: {
      models: { fast: "claude/model-fast", "org/slash:8b": "ollama/model-slash", "*": "openai/office-*" },
    },
    play: {
      models: {
        "claude-*": "openai/any-claude",
        "claude-*-haiku*": "openai/haiku",
        "claude-sonnet-5": "openai/sonnet",
        qwen3: "openai/qwen",
        "gemma:latest": "openai/gemma",
        "g?t": "openai/one-letter",
      },
    },
  };

  it.each(PROTOCOLS)("a group is in the path or in the model's name, which wins (%s)", async (client) => {
    const { url } = await start(groups);
    const cases: [prefix: string, model: string, reached: string][] = [
      ["", "x", "default-x"],
      ["/office", "fast", "model-fast"],
      ["/OFFICE", "FAST", "model-fast"],
      ["/office/compat", "x", "office-x"],
      ["/office/compat_mode", "x", "office-x"],
      ["/office", "org/slash:8b", "model-slash"],
      ["", "office@fast", "model-fast"],
      ["/play", "OFFICE@fast", "model-fast"],
      // What stands before the @ is a group only where there is one of that name.
      ["", "nobody@fast", "default-nobody@fast"],
      ["", "@cf/meta/llama", "default-@cf/meta/llama"],
    ];
    for (const [prefix, model, reached] of cases) {
      provider.seen.length = 0;
      const got = await ask(url + prefix, client, request(model));
      expect([got.status, models()], `${prefix} ${model}`).toEqual([200, [reached]]);
    }
  });

  it("an exact name comes before a pattern, and a specific pattern before a general one", async () => {
    const { url } = await start(groups);
    const cases = [
      ["claude-sonnet-5", "sonnet"],
      ["Claude-Sonnet-5", "sonnet"],
      ["claude-sonnet-5-20260101", "any-claude"],
      ["claude-4-haiku-latest", "haiku"],
      ["got", "one-letter"],
      ["qwen3:latest", "qwen"],
      ["qwen3", "qwen"],
      ["gemma", "gemma"],
      ["gemma:latest", "gemma"],
    ] as const;
    for (const [model, reached] of cases) {
      provider.seen.length = 0;
      await askResult(`${url}/play`, "ollama", request(model));
      expect(models(), model).toEqual([reached]);
    }
    expect((await ask(`${url}/play`, "ollama", request("qwen3:8b"))).status).toBe(404);
    expect((await ask(`${url}/play`, "ollama", request("gpt-nothing"))).status).toBe(404);
  });

  it("the answer carries the name that was asked for, whatever stands behind it", async () => {
    const { url } = await start(groups);
    for (const client of PROTOCOLS) {
      for (const stream of [true, false]) {
        for (const [prefix, model] of [
          ["/office", "fast"],
          ["", "office@fast"],
        ] as const) {
          const { text } = await ask(url + prefix, client, request(model, { stream }));
          expect(text, client).toContain(`"${model}"`);
          expect(text).not.toContain("model-fast");
        }
      }
    }
  });

  it("/switch serves the active group of the moment", async () => {
    const { url, storage } = await start(
      { ...groups, a: { models: { "*": "openai/of-a" } } },
      { activeGroup: "office" },
    );
    const chat = () => askResult(`${url}/switch`, "openai", request("fast"));
    await chat();
    await storage.config.update((draft) => {
      draft.activeGroup = "a";
    });
    await chat();
    await storage.config.update((draft) => {
      draft.groups.a = { models: { "*": "openai/of-a-changed" } };
    });
    await chat();
    await storage.config.update((draft) => {
      draft.activeGroup = "default";
    });
    await askResult(`${url}/switch/compat_mode`, "claude", request("fast"));
    expect(models()).toEqual(["model-fast", "of-a", "of-a-changed", "default-fast"]);
  });

  it("a change of the configuration that is refused changes nothing", async () => {
    const { url, storage } = await start(groups);
    const change = storage.config.update((draft) => {
      draft.groups.default = { models: { "*": "no-such-provider/x" } };
    });
    await expect(change).rejects.toThrow("no-such-provider");
    await askResult(url, "openai", request("x"));
    expect(models()).toEqual(["default-x"]);
  });
});

describe("pools", () => {
  const target = (keys: string[] | undefined) => ({
    protocol: "openai",
    baseUrl: provider.url,
    ...(keys && { keys }),
  });
  const tally = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const one of asked()) counts[one] = (counts[one] ?? 0) + 1;
    return counts;
  };

  it.each([
    [
      "2 targets with 2 keys each",
      [
        ["a1", "a2"],
        ["b1", "b2"],
      ],
    ],
    [
      "2 targets with 3 keys each",
      [
        ["a1", "a2", "a3"],
        ["b1", "b2", "b3"],
      ],
    ],
    ["targets with 1, 2 and 3 keys", [["a1"], ["b1", "b2"], ["c1", "c2", "c3"]]],
    ["a target without keys beside one with 2", [undefined, ["b1", "b2"]]],
    ["one target without keys", [undefined]],
  ])("%s: each takes the same share, one after the other and all at once", async (_name, keys) => {
    const providers = Object.fromEntries(keys.map((list, index) => [`p${index}`, target(list)]));
    const targets = keys.map((_list, index) => `p${index}/model-${index}`);
    const slots = keys.flatMap((list, index) => (list ?? ["none"]).map((key) => `model-${index} ${key}`));
    daemon = await startDaemon({ providers, groups: { default: { models: { "*": targets } } } });
    for (let turn = 0; turn < slots.length * 3; turn++) await askResult(daemon.url, "claude", request("x"));
    // Every round of as many requests as there are slots has each of them once.
    for (let round = 0; round < 3; round++) {
      const part = asked().slice(round * slots.length, (round + 1) * slots.length);
      expect(part.sort()).toEqual([...slots].sort());
    }
    provider.seen.length = 0;
    await Promise.all(
      Array.from({ length: slots.length * 5 }, (_one, index) =>
        askResult(daemon.url, PROTOCOLS[index % PROTOCOLS.length] as ProtocolName, request("x")),
      ),
    );
    expect(tally()).toEqual(Object.fromEntries(slots.map((slot) => [slot, 5])));
  });

  it("a target of weight 2 takes twice the share", async () => {
    const heavy = { target: "openai/model-2", weight: 2 };
    await start({ default: { models: { "*": ["openai/model-1", heavy] } } });
    for (let turn = 0; turn < 9; turn++) await askResult(daemon.url, "openai", request("x"));
    expect(tally()).toEqual({ "model-1 sk-test": 3, "model-2 sk-test": 6 });
  });

  it("targets and providers that are switched off are passed over; with none left the sentence says so", async () => {
    const off = { target: "openai/model-off", enabled: false };
    await start({
      default: {
        models: { some: [off, "claude/model-on", "gemini/model-gone"], none: [off, "gemini/model-gone"] },
      },
    });
    await daemon.storage.config.update((draft) => {
      const { gemini } = draft.providers;
      if (gemini) gemini.enabled = false;
    });
    for (let turn = 0; turn < 4; turn++) await askResult(daemon.url, "openai", request("some"));
    expect(tally()).toEqual({ "model-on sk-test": 4 });
    for (const client of PROTOCOLS) {
      const got = await ask(daemon.url, client, request("none"));
      expect([got.status, got.text]).toEqual([503, expect.stringContaining("switched off")]);
    }
  });
});

describe("settings of a group", () => {
  const tool = (name: string): Tool => ({
    name,
    description: "d",
    parameters: { type: "object", properties: {} },
  });
  const chat = (group: string, client: string, more: Partial<UnifiedRequest>) =>
    askResult(`${daemon.url}/${group}`, client, request("sonnet", more));
  const system = (): string =>
    (provider.seen.at(-1)?.request?.system ?? []).map(({ text }) => text).join(" | ");

  it.each(PROTOCOLS)(
    "prompts and filters reach the model, for the aliases they are for (%s)",
    async (client) => {
      const base: GroupConfig = { models: { "*": "openai/*" } };
      await start({
        enhanced: { ...base, prompt: { mode: "enhance", text: "Added." } },
        replaced: { ...base, prompt: { mode: "replace", text: "Instead." } },
        off: { ...base, prompt: { mode: "off", text: "Never." } },
        others: { ...base, prompt: { mode: "replace", text: "Never.", models: ["opus*"] } },
        these: { ...base, prompt: { mode: "replace", text: "These.", models: ["haiku", "SON*"] } },
        worded: {
          ...base,
          prompt: {
            mode: "off",
            replace: [
              ["You are A.", "You are B."],
              ["B", "C"],
            ],
          },
        },
        filtered: { ...base, toolFilter: ["WebFetch"] },
        bare: { ...base, toolFilter: ["WebFetch", "Read"] },
      });
      const more = {
        system: [{ type: "text" as const, text: "You are A." }],
        tools: [tool("Read"), tool("WebFetch")],
      };
      const seen: Record<string, string> = {};
      const tools: Record<string, string[]> = {};
      for (const group of ["enhanced", "replaced", "off", "others", "these", "worded", "filtered", "bare"]) {
        await chat(group, client, more);
        seen[group] = system().replace(/\s+\|?\s*/g, " ");
        tools[group] = (provider.seen.at(-1)?.request?.tools ?? []).map(({ name }) => name);
      }
      expect(seen).toEqual({
        enhanced: "You are A. Added.",
        replaced: "Instead.",
        off: "You are A.",
        others: "You are A.",
        these: "These.",
        worded: "You are C.",
        filtered: "You are A.",
        bare: "You are A.",
      });
      expect(tools).toMatchObject({ enhanced: ["Read", "WebFetch"], filtered: ["Read"], bare: [] });
    },
  );

  it.each(PROTOCOLS)(
    "tools: compat emulates for a target or a group, native never does (%s)",
    async (client) => {
      const text = (result: { content: { type: string }[] }) => result.content.map(({ type }) => type);
      await start({
        emulated: { models: { "*": "claude/*" }, tools: "compat" },
        mixed: { models: { "*": { target: "claude/*", tools: "native" } }, tools: "compat" },
      });
      for (const group of ["emulated", "mixed"]) {
        provider.seen.length = 0;
        expect(text(await chat(group, client, { tools: [tool("Read")] }))).toEqual(["text"]);
        const [seen] = provider.seen;
        expect(seen?.request?.tools?.length ?? 0).toBe(group === "mixed" ? 1 : 0);
        expect(JSON.stringify(seen?.request)).toContain("Read");
      }
    },
  );
});

describe("lists of models", () => {
  const groups: Config["groups"] = {
    default: { models: { "*": "openai/*", sonnet: "claude/model-b" } },
    few: { models: { one: "openai/model-a", "two:latest": "ollama/model-b", "cl-*": "claude/model-a" } },
    globs: { models: { "model-?": "gemini/*", "org/*": "openai-responses/*", "x*": "openai/*" } },
    gone: { models: { named: "openai/model-a", "*": "lost/*" } },
  };
  const lists: [ProtocolName, string, Record<string, string>, (body: never) => string[]][] = [
    ["openai", "/v1/models", {}, (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)],
    [
      "claude",
      "/v1/models",
      { "anthropic-version": "2023-06-01" },
      (body: { data: { id: string }[] }) => body.data.map(({ id }) => id),
    ],
    [
      "gemini",
      "/v1beta/models",
      {},
      (body: { models: { name: string }[] }) => body.models.map(({ name }) => name.replace("models/", "")),
    ],
    [
      "gemini",
      "/v1/models",
      { "x-goog-api-key": "k" },
      (body: { models: { name: string }[] }) => body.models.map(({ name }) => name.replace("models/", "")),
    ],
    [
      "ollama",
      "/api/tags",
      {},
      (body: { models: { name: string }[] }) => body.models.map(({ name }) => name.replace(/:latest$/, "")),
    ],
  ];
  const list = async (
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; text: string }> => {
    const response = await fetch(daemon.url + path, { headers });
    return { status: response.status, text: await response.text() };
  };
  beforeEach(async () => {
    await start(groups);
    await daemon.storage.config.update((draft) => {
      draft.providers.lost = { protocol: "openai", baseUrl: "http://127.0.0.1:9" };
    });
  });

  it.each(lists)(
    "%s's %s shows the aliases of its group, patterns by what they stand for",
    async (_protocol, path, headers, read) => {
      const ids = async (prefix: string): Promise<string[]> => {
        const { status, text } = await list(prefix + path, headers);
        expect([status, text]).toEqual([200, expect.not.stringContaining("*")]);
        return read(JSON.parse(text) as never).sort();
      };
      expect(await ids("")).toEqual(["model-a", "model-b", "org/Model-C:8b", "sonnet"]);
      expect(await ids("/few")).toEqual(["one", expect.stringMatching(/^two(?::latest)?$/)]);
      expect(await ids("/globs")).toEqual(["model-a", "model-b", "org/Model-C:8b"]);
      // A provider that cannot be asked takes nothing from the rest.
      expect(await ids("/gone")).toEqual(["named"]);
      await daemon.storage.config.update((draft) => {
        draft.activeGroup = "few";
      });
      expect(await ids("/switch")).toHaveLength(2);
    },
  );

  it("every list has what its protocol's clients read", async () => {
    const body = async (path: string, headers: Record<string, string> = {}) =>
      JSON.parse((await list(`/few${path}`, headers)).text) as unknown;
    expect(await body("/v1/models")).toMatchObject({
      object: "list",
      data: [{ object: "model", owned_by: expect.any(String) }, {}],
    });
    expect(await body("/v1/models", { "anthropic-version": "2023-06-01" })).toMatchObject({
      data: [{ type: "model", display_name: expect.any(String) }, {}],
      has_more: false,
    });
    expect(await body("/v1beta/models")).toMatchObject({
      models: [{ supportedGenerationMethods: expect.arrayContaining(["generateContent"]) }, {}],
    });
    expect(await body("/api/tags")).toMatchObject({
      models: [{ digest: expect.stringMatching(/^[0-9a-f]{64}$/) }, {}],
    });
  });

  it("one model is shown under the name it was asked by; one that is not there is a 404", async () => {
    const one = async (path: string, headers: Record<string, string> = {}) => list(path, headers);
    for (const [path, headers] of [
      ["/v1/models/", {}],
      ["/v1/models/", { "anthropic-version": "2023-06-01" }],
      ["/v1beta/models/", {}],
    ] as const) {
      for (const [prefix, model] of [
        ["/few", "one"],
        ["", "sonnet"],
        ["", "few@one"],
        ["", "org/Model-C:8b"],
      ] as const) {
        const { status, text } = await one(prefix + path + model, headers);
        expect([status, text], path + model).toEqual([200, expect.stringContaining(model)]);
      }
      expect((await one(`/few${path}nothing`, headers)).status).toBe(404);
      expect((await one(`/nowhere${path}one`, headers)).status).toBe(404);
      expect((await one(`/globs${path}model-z`, headers)).status).toBe(404);
    }
  });

  it("names that are configured stand in for a provider's list", async () => {
    await daemon.storage.config.update((draft) => {
      const { openai } = draft.providers;
      if (openai) openai.models = ["only-this"];
    });
    const { text } = await list("/v1/models", {});
    expect((JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id).sort()).toEqual([
      "only-this",
      "sonnet",
    ]);
  });
});

describe("client keys with groups", () => {
  it("reach their groups and no others, by whatever name", async () => {
    await start(
      {
        one: { models: { "*": "openai/*" } },
        two: { models: { "*": "openai/*" } },
        default: { models: { "*": "openai/*" } },
      },
      { activeGroup: "two" },
    );
    const key = daemon.storage.keyRing.create("limited", ["ONE"]);
    const free = daemon.storage.keyRing.create("free");
    await daemon.storage.config.update((draft) => {
      draft.keys = { [key.id]: key.record, [free.id]: free.record };
      draft.server.ollamaOpen = false;
    });
    const body = (model: string): string =>
      JSON.stringify({ model, max_tokens: 9, messages: [{ role: "user", content: "hi" }], input: "hi" });
    const knock = async (path: string, model: string, secret: string): Promise<number> => {
      const init = path.endsWith("models") ? {} : { method: "POST", body: body(model) };
      const response = await fetch(daemon.url + path, { ...init, headers: { "x-api-key": secret } });
      const text = await response.text();
      if (response.status === 403) expect(text).toMatch(/group '(two|default)'/);
      return response.status;
    };
    for (const path of [
      "/v1/messages",
      "/v1/chat/completions",
      "/v1/responses",
      "/v1/embeddings",
      "/v1/messages/count_tokens",
      "/v1/models",
      "/api/chat",
    ]) {
      const isList = path.endsWith("models");
      expect(await knock(`/one${path}`, "x", key.secret), path).toBe(200);
      expect(await knock(`/two${path}`, "x", key.secret)).toBe(403);
      expect(await knock(path, "x", key.secret)).toBe(403);
      expect(await knock(`/switch${path}`, "x", key.secret)).toBe(403);
      expect(await knock(`/one${path}`, "two@x", key.secret)).toBe(isList ? 200 : 403);
      expect(await knock(`/two${path}`, "one@x", key.secret)).toBe(isList ? 403 : 200);
      expect(await knock(`/two${path}`, "x", free.secret)).toBe(200);
    }
    await daemon.storage.config.update((draft) => {
      const record = draft.keys[free.id];
      if (record) record.enabled = false;
    });
    expect(await knock("/two/v1/messages", "x", free.secret)).toBe(401);
    expect(daemon.log.filter(({ key: id }) => id === key.id).length).toBeGreaterThan(20);
    expect(JSON.stringify(daemon.log)).not.toContain(key.secret);
  });
});

describe("embeddings", () => {
  const doors: [string, string, unknown, (body: never) => number[][]][] = [
    [
      "openai",
      "/v1/embeddings",
      { model: "m", input: ["a", "bcd"] },
      (body: { data: { embedding: number[] }[] }) => body.data.map(({ embedding }) => embedding),
    ],
    [
      "ollama",
      "/api/embed",
      { model: "m", input: ["a", "bcd"] },
      (body: { embeddings: number[][] }) => body.embeddings,
    ],
    [
      "ollama, one",
      "/api/embeddings",
      { model: "m", prompt: "a" },
      (body: { embedding: number[] }) => [body.embedding],
    ],
    [
      "gemini",
      "/v1beta/models/m:batchEmbedContents",
      { requests: ["a", "bcd"].map((text) => ({ model: "models/m", content: { parts: [{ text }] } })) },
      (body: { embeddings: { values: number[] }[] }) => body.embeddings.map(({ values }) => values),
    ],
    [
      "gemini, one",
      "/v1beta/models/m:embedContent",
      { content: { parts: [{ text: "a" }] } },
      (body: { embedding: { values: number[] } }) => [body.embedding.values],
    ],
  ];
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(daemon.url + path, { method: "POST", body: JSON.stringify(body) });

  it.each(doors)(
    "%s's clients get them from every provider that has them",
    async (name, path, body, read) => {
      daemon = await startDaemon(perProtocol(provider.url));
      for (const target of PROTOCOLS) {
        const response = await post(`/${target}${path}`, body);
        const text = await response.text();
        if (!findAdapter(target)?.provider.embeddings) {
          expect([response.status, text]).toEqual([400, expect.stringContaining("has no embeddings")]);
          continue;
        }
        expect([response.status, text], target).toEqual([200, expect.any(String)]);
        const vectors = read(JSON.parse(text) as never);
        // Ollama's servers normalise vectors: only their direction is the same everywhere.
        const directions = vectors.map(([first = 0, second = 0]) => (second / first).toFixed(4));
        expect(directions, target).toEqual(["1.0000", "1.5000"].slice(0, vectors.length));
        expect(vectors).toHaveLength(name.includes("one") ? 1 : 2);
      }
    },
  );

  it("Claude's protocol has none, and the sentence says so", async () => {
    daemon = await startDaemon(perProtocol(provider.url));
    const response = await post("/claude/v1/embeddings", { model: "m", input: "a" });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/claude.*another provider/),
    ]);
    expect(provider.seen).toEqual([]);
  });
});

describe("token counts", () => {
  const count = async (path: string, body: unknown): Promise<number> => {
    const response = await fetch(daemon.url + path, { method: "POST", body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    const told = (await response.json()) as { input_tokens?: number; totalTokens?: number };
    return told.input_tokens ?? told.totalTokens ?? Number.NaN;
  };

  it("are estimated without asking any provider, and grow with what is sent", async () => {
    daemon = await startDaemon(perProtocol(provider.url));
    const messages = (text: string) => [{ role: "user", content: text }];
    const contents = (text: string) => [{ role: "user", parts: [{ text }] }];
    const tools = [{ name: "f", description: "x ".repeat(100), input_schema: { type: "object" } }];
    const long = "many more words than before ".repeat(50);
    for (const target of PROTOCOLS) {
      const claude = (body: object) =>
        count(`/${target}/v1/messages/count_tokens?beta=true`, { model: "m", ...body });
      const gemini = (body: object) => count(`/${target}/v1beta/models/m:countTokens`, body);
      const [short, more, most] = [
        await claude({ messages: messages("hi") }),
        await claude({ messages: messages("hi"), tools }),
        await claude({ messages: messages(long), tools }),
      ];
      expect(short).toBeGreaterThan(0);
      expect(more).toBeGreaterThan(short + 50);
      expect(most).toBeGreaterThan(more + 150);
      expect(await gemini({ contents: contents(long) })).toBeGreaterThan(
        await gemini({ contents: contents("hi") }),
      );
      const wrapped = { generateContentRequest: { model: "models/m", contents: contents(long) } };
      expect(await gemini(wrapped)).toBeGreaterThan(150);
    }
    expect(provider.seen).toEqual([]);
  });
});

describe("with nothing configured", () => {
  beforeEach(async () => {
    daemon = await startDaemon();
  });

  it.each(PROTOCOLS)("the demo answers, and says what it is (%s)", async (client) => {
    for (const stream of [true, false]) {
      for (const [prefix, model] of [
        ["", "demo"],
        ["", "any-name"],
        ["/switch", "demo"],
        ["/compat_mode", "demo"],
      ] as const) {
        const asked = await ask(daemon.url + prefix, client, request(model, { stream }));
        expect([asked.status, asked.text]).toEqual([200, expect.any(String)]);
        const { content, finishReason } = foldEvents(asked.events);
        expect(JSON.stringify(content)).toContain("not an AI");
        expect(finishReason).toBe("stop");
      }
    }
  });

  it.each(PROTOCOLS)("tools can be tried, with and without /compat_mode (%s)", async (client) => {
    const weather: Tool = {
      name: "get_weather",
      description: "Weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    };
    for (const stream of [true, false]) {
      for (const prefix of ["/compat_mode", "/compat", ""]) {
        const first = request("demo", {
          stream,
          tools: [weather],
          messages: [userText("What is the weather in Paris? Use get_weather.")],
        });
        const result = await askResult(daemon.url + prefix, client, first);
        const call = result.content.find((part) => part.type === "tool-call");
        expect(result.finishReason).toBe("tool-calls");
        expect(call).toMatchObject({ name: "get_weather" });
        if (call?.type !== "tool-call") return;
        expect(JSON.parse(call.args)).toMatchObject({ city: "Paris" });
        const { id, name } = call;
        const second = await askResult(daemon.url + prefix, client, {
          ...first,
          messages: [
            ...first.messages,
            { role: "assistant", content: [call] },
            {
              role: "tool",
              content: [{ type: "tool-result", id, name, content: [{ type: "text", text: "21 degrees" }] }],
            },
          ],
        });
        expect(JSON.stringify(second.content)).toContain("21 degrees");
        expect(second.finishReason).toBe("stop");
      }
    }
  });

  it("lists, facts and health are there", async () => {
    const get = async (path: string, init?: RequestInit): Promise<string> => {
      const response = await fetch(daemon.url + path, init);
      expect(response.status, path).toBe(200);
      return response.text();
    };
    for (const path of ["/v1/models", "/v1beta/models", "/api/tags", "/v1/models/demo"]) {
      expect(await get(path)).toContain("demo");
    }
    const show = JSON.parse(await get("/api/show", { method: "POST", body: '{"model":"demo"}' })) as Record<
      string,
      unknown
    >;
    expect(show).toMatchObject({
      capabilities: expect.arrayContaining(["completion"]),
      model_info: { "general.architecture": expect.any(String) },
    });
    expect(JSON.parse(await get("/health"))).toMatchObject({ status: "ok" });
    expect(JSON.parse(await get("/ready"))).toEqual({ ready: true });
    expect(await get("/")).toBe("Ollama is running");
    expect(JSON.parse(await get("/api/version"))).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  it("a provider that is configured takes its place", async () => {
    await daemon.storage.config.update((draft) => {
      draft.providers.real = { protocol: "openai", baseUrl: provider.url };
      draft.groups.default = { models: { "*": "real/*" } };
    });
    const result = await askResult(daemon.url, "ollama", request("model-a"));
    expect(result.content).toEqual([{ type: "text", text: "served" }]);
  });
});
