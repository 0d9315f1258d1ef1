import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAdapter } from "../../adapters/index.ts";
import type { Message, StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import type { GroupConfig, ProviderConfig } from "../../storage/types.ts";
import { ask, askResult, userText } from "../support/ask.ts";
import { PROTOCOLS, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { callsOf, said, text, textOf } from "../support/scenario.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

/** Compat mode as a client sees it: over HTTP, against a provider that answers with what a model would write. */
let daemon: TestDaemon;
let provider: ScriptedProvider;
/** What the model says, one text per request, or the error it is refused with; the last one stays. */
let script: (string | { status: number; message: string; if?: (body: string) => boolean })[];

beforeEach(async () => {
  let turn = 0;
  script = ["ok"];
  provider = await startScriptedProvider((_, { res }): StreamEvent[] | undefined => {
    const refusal = script.find(
      (step) => typeof step === "object" && step.if?.(provider.seen.at(-1)?.text ?? ""),
    );
    const rest = script.filter((one) => typeof one === "string" || !one.if);
    const step = refusal ?? rest[Math.min(turn++, rest.length - 1)] ?? "";
    if (typeof step === "string") return said(...[...step].map((piece) => text(piece)));
    res.writeHead(step.status, { "content-type": "application/json" });
    return void res.end(JSON.stringify({ error: { message: step.message, code: step.status } }));
  });
});
afterEach(async () => {
  await daemon.close();
  await provider.close();
});

async function start(
  settings: Partial<ProviderConfig> = {},
  group: Partial<GroupConfig> = {},
): Promise<string> {
  daemon = await startDaemon({
    providers: { up: { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"], ...settings } },
    groups: { default: { models: { "*": "up/hermes-3" }, tools: "compat", ...group } },
  });
  return daemon.url;
}

const tools = [
  {
    name: "look",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
  { name: "clock", parameters: { type: "object", properties: {} } },
];
const request = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "m",
  messages: [userText("Go on.")],
  tools,
  stream: true,
  ...more,
});
const call = (name: string, args: object): string =>
  `<tool_call>${JSON.stringify({ name, arguments: args })}</tool_call>`;
const picture: Message[] = [
  {
    role: "user",
    content: [
      { type: "text", text: "What is it?" },
      { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AAAA" } },
    ],
  },
];
const seen = (index: number): UnifiedRequest => provider.seen[index]?.request as UnifiedRequest;

describe.each(PROTOCOLS)("a %s client", (client) => {
  it.each([true, false])(
    "keeps its good calls while the model is asked again (stream: %s)",
    async (stream) => {
      const url = await start();
      script = [`I look. ${call("look", {})}${call("clock", {})}`, call("look", { path: "src" })];
      const result = await askResult(url, client, request({ stream }));
      expect(callsOf(result)).toEqual([
        { name: "look", args: { path: "src" } },
        { name: "clock", args: {} },
      ]);
      expect(textOf(result).trim()).toBe("I look.");
      expect(result.finishReason).toBe("tool-calls");
      const told = JSON.stringify(seen(1).messages.at(-1));
      expect(told).toContain("is missing");
      expect(told).toContain("parameters are");
      expect(daemon.log[0]).toMatchObject({ via: "compat", repairs: ["asked again"], status: 200 });
    },
  );

  it("gets the answer there is when asking again fails", async () => {
    const url = await start();
    script = [`I look. ${call("nothing", {})}`, { status: 500, message: "out of order" }];
    const result = await askResult(url, client, request());
    expect(result.finishReason).toBe("stop");
    expect(textOf(result)).toBe(`I look. ${call("nothing", {})}`);
    expect(daemon.log[0]?.repairs).toEqual(["asked again", "asked in vain"]);
  });

  it("finds thinking in tags as thinking, and no call that was drafted in it", async () => {
    const url = await start();
    script = [`<think>I could ${call("clock", {})}</think>\nNoon.`];
    const result = await askResult(url, client, request());
    expect(textOf(result)).toBe("Noon.");
    expect(callsOf(result)).toEqual([]);
  });

  it("is never told 5xx for what a model writes", async () => {
    const url = await start();
    for (const wild of [
      "<tool_call>",
      "<tool_call>{{{{",
      '<tool_call>{"name": null}</tool_call>',
      `<tool_call>${'{"a":'.repeat(300)}</tool_call>`,
      "<tool_call>[[],{}]</tool_call></tool_call>",
      "```json\n[1, 2\n```",
      "<function=",
      "\u0000\ud800 <tool_call>",
    ]) {
      script = [wild];
      const { status } = await ask(url, client, request());
      expect(status, wild).toBe(200);
    }
  });
});

describe("what is repaired", () => {
  it("shows in the request log; with strict nothing is", async () => {
    const url = await start();
    script = ["<tool_call>{'name': 'Look', 'arguments': {path: 'src',}}</tool_call>"];
    const result = await askResult(url, "openai", request());
    expect(callsOf(result)).toEqual([{ name: "look", args: { path: "src" } }]);
    expect(new Set(daemon.log[0]?.repairs)).toEqual(new Set(["quotes", "comma", "bare words", "name"]));
    await daemon.close();
    const strict = await start({}, { compat: { strict: true } });
    expect(callsOf(await askResult(strict, "openai", request()))).toEqual([]);
    expect(daemon.log[0]).not.toHaveProperty("repairs");
  });
});

describe("the prompt", () => {
  it("is the same bytes from turn to turn, tools in the client's order, whatever is demanded", async () => {
    const url = await start();
    const later: Message[] = [
      userText("Go on."),
      {
        role: "assistant",
        content: [{ type: "tool-call", id: "call_1abcdefgh", name: "clock", args: "{}" }],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            id: "call_1abcdefgh",
            name: "clock",
            content: [{ type: "text", text: "noon" }],
          },
        ],
      },
    ];
    for (const client of PROTOCOLS) {
      provider.seen.length = 0;
      const turns = [{}, { messages: later }, { toolChoice: "required" as const }];
      for (const more of turns) await askResult(url, client, request({ ...more, stream: false }));
      const systems = provider.seen.slice(0, 3).map(({ request: one }) => JSON.stringify(one?.system));
      expect(new Set(systems), client).toHaveLength(1);
      const prompt = systems[0] ?? "";
      expect(prompt.indexOf('\\"look\\"')).toBeLessThan(prompt.indexOf('\\"clock\\"'));
      // What was said before stays the beginning of what is said now.
      expect(JSON.stringify(seen(1).messages)).toContain(JSON.stringify(seen(0).messages).slice(1, -3));
    }
  });

  it("stands in the first turn of a model whose template knows no system role", async () => {
    const url = await start({}, { models: { "*": "up/gemma-2-9b-it" } });
    await askResult(url, "claude", request({ system: [{ type: "text", text: "Be brief." }] }));
    expect(seen(0).system).toBeUndefined();
    const [part] = seen(0).messages[0]?.content ?? [];
    expect(part && "text" in part ? part.text : "").toMatch(/^Be brief\.\n\n# Tools[^]*\n\nGo on\.$/);
  });
});

describe("a call that must be made", () => {
  const answered = JSON.stringify({ tool_calls: [{ name: "look", arguments: { path: "src" } }] });
  const forced = { toolChoice: "required" as const };
  const fields: [string, (body: Record<string, unknown>) => unknown][] = [
    ["openai", (body) => body.response_format],
    ["ollama", (body) => body.format],
    ["openai-responses", (body) => (body.text as Record<string, unknown> | undefined)?.format],
    ["gemini", (body) => (body.generationConfig as Record<string, unknown> | undefined)?.responseJsonSchema],
  ];

  it.each(fields)("is made by a schema where the provider speaks %s", async (protocol, field) => {
    const url = await start({ protocol });
    script = [answered];
    for (const stream of [true, false]) {
      const result = await askResult(url, "claude", request({ ...forced, stream }));
      expect(callsOf(result)).toEqual([{ name: "look", args: { path: "src" } }]);
      expect(textOf(result)).toBe("");
      expect(result.finishReason).toBe("tool-calls");
    }
    await askResult(url, "claude", request());
    const chats = provider.seen.filter(({ request: chat }) => chat !== undefined);
    expect(JSON.stringify(field(chats[0]?.body ?? {}))).toContain("tool_calls");
    expect(field(chats[2]?.body ?? {})).toBeUndefined();
  });

  it("has a tool's name alone where one is named", async () => {
    const url = await start();
    script = [JSON.stringify({ name: "clock", arguments: {} })];
    const result = await askResult(url, "openai", request({ toolChoice: { name: "clock" } }));
    expect(callsOf(result)).toEqual([{ name: "clock", args: {} }]);
    expect(JSON.stringify(provider.seen[0]?.body.response_format)).not.toContain("look");
  });

  it("is asked for in words alone where the schema is refused, which is learnt", async () => {
    const url = await start();
    const message = "This response_format type is unavailable now";
    script = [
      { status: 400, message, if: (body) => body.includes('"response_format"') },
      call("look", { path: "a" }),
    ];
    for (let turn = 0; turn < 2; turn++)
      expect(callsOf(await askResult(url, "claude", request(forced)))).toHaveLength(1);
    const asked = provider.seen.map(({ body }) => "response_format" in body);
    expect(asked).toEqual([true, false, false]);
  });

  it("is not asked for by a schema where the provider is known to have none", async () => {
    const url = await start({ capabilities: { "*": [] } });
    script = [call("clock", {})];
    expect(callsOf(await askResult(url, "openai", request(forced)))).toHaveLength(1);
    expect(provider.seen[0]?.body).not.toHaveProperty("response_format");
  });
});

describe("learnt from a refusal, and remembered", () => {
  it.each([
    ["tools", { tools }, "tools is not supported in this model", '"tools"'],
    [
      "vision",
      { messages: picture, tools: undefined },
      "This model does not support image input",
      "image_url",
    ],
    [
      "json",
      { output: { type: "json-schema", schema: { type: "object" } } as const, tools: undefined },
      "response_format is not supported",
      '"response_format"',
    ],
    [
      "thinking",
      { thinking: { mode: "on" } as const, tools: undefined },
      "reasoning_effort is not supported with this model",
      "reasoning_effort",
    ],
  ])("%s", async (feature, more, message, field) => {
    const url = await start({ quirks: { reasoningField: "reasoning_effort" } }, { tools: "auto" });
    script = [{ status: 400, message, if: (body) => body.includes(field) }, "{}"];
    for (let turn = 0; turn < 2; turn++) {
      const { status } = await ask(url, "claude", request({ stream: false, ...more }));
      expect(status).toBe(200);
    }
    expect(provider.seen.map(({ text: body }) => body.includes(field))).toEqual([true, false, false]);
    expect(await daemon.storage.state.keys("lacks:")).toEqual([`lacks:${feature}:up/hermes-3`]);
  });

  it("a client of the provider's own protocol is told what it was refused", async () => {
    const url = await start({}, { tools: "auto" });
    script = [{ status: 400, message: "This model does not support image input" }];
    const { status } = await ask(
      url,
      "openai",
      request({ messages: picture, tools: undefined, stream: false }),
      undefined,
      { handWritten: true },
    );
    expect(status).toBe(400);
    expect(provider.seen).toHaveLength(1);
  });
});

describe("how a model of no known family writes", () => {
  const qwen = "<tool_call>\n<function=look>\n<parameter=path>\na\n</parameter>\n</function>\n</tool_call>";
  const example = "<function=tool_name>";
  const prompt = (index: number): string => JSON.stringify(seen(index).system);

  it("is learnt from its first call, asked for from then on, and remembered", async () => {
    const url = await start({}, { models: { "*": "up/house-blend" } });
    script = [qwen];
    for (let turn = 0; turn < 3; turn++) await askResult(url, "claude", request({ stream: false }));
    expect([0, 1, 2].map((index) => prompt(index).includes(example))).toEqual([false, true, true]);
    expect(prompt(2)).toBe(prompt(1));
    expect(await daemon.storage.state.keys("writes:")).toEqual(["writes:up/house-blend"]);
  });

  it.each([
    ["a family has its own", { models: { "*": "up/hermes-3" } }],
    ["one is configured", { models: { "*": "up/house-blend" }, compat: { dialect: "fence" } }],
  ] as const)("is no matter where %s", async (_, group) => {
    const url = await start({}, group);
    script = [qwen];
    for (let turn = 0; turn < 2; turn++) await askResult(url, "claude", request({ stream: false }));
    expect(prompt(1)).toBe(prompt(0));
    expect(await daemon.storage.state.keys("writes:")).toEqual([]);
  });
});

describe("JSON from a model without it", () => {
  const output = {
    type: "json-schema",
    schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
    name: "x",
  } as const;

  it.each(["openai", "openai-responses", "claude", "gemini", "ollama"])(
    "is checked, and asked for again (%s)",
    async (client) => {
      const url = await start({ capabilities: { "*": ["tools"] } }, { tools: "auto" });
      script = ["Sorry, I cannot.", 'Here: ```json\n{"n": 2}\n```'];
      const result = await askResult(url, client, request({ output, tools: undefined }));
      expect(JSON.parse(textOf(result))).toEqual({ n: 2 });
      expect(provider.seen).toHaveLength(2);
      expect(daemon.log[0]?.repairs?.[0]).toBe("asked again");
    },
  );
});

it("every protocol says whether it can hold an answer to a schema", () => {
  const able = PROTOCOLS.filter((name) => findAdapter(name)?.provider.holdsToSchema?.("some-model"));
  expect(able).toEqual(["openai", "openai-responses", "gemini", "ollama"]);
  const openai = findAdapter("openai")?.provider;
  expect(openai?.holdsToSchema?.("some-model", { quirks: { outputs: "json_object" } })).toBe(false);
});
