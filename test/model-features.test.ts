import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Config, GroupConfig, ProviderConfig } from "../storage/types.ts";
import { ask, askResult, userText } from "./support/ask.ts";
import { startDaemon, type TestDaemon } from "./support/daemon.ts";
import { startFakeOllama, type FakeOllama, type FakeRequest } from "./support/fake-ollama.ts";
import { said, text } from "./support/scenario.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/** What models lack, as clients and providers notice it. */
let daemon: TestDaemon | undefined;
let provider: ScriptedProvider | undefined;
let ollama: FakeOllama | undefined;
let reply: string;

beforeEach(() => {
  reply = "ok";
});
afterEach(async () => {
  await daemon?.close();
  await provider?.close();
  await ollama?.close();
  daemon = provider = ollama = undefined;
});

const tools = [
  {
    name: "look",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
];
const request = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "m",
  messages: [userText("Go on.")],
  stream: false,
  ...more,
});
const picture: UnifiedRequest["messages"] = [
  {
    role: "user",
    content: [{ type: "media", mimeType: "image/png", source: { kind: "base64", data: "AAAA" } }],
  },
];
const written = '```json\n{"name": "look", "arguments": {"path": "/"}}\n```';

async function startOpenai(
  settings: Partial<ProviderConfig>,
  group: Partial<GroupConfig> = {},
): Promise<TestDaemon> {
  provider = await startScriptedProvider(() => said(text(reply)));
  const config: Partial<Config> = {
    providers: { up: { protocol: "openai", baseUrl: provider.url, ...settings } },
    groups: { default: { models: { "*": "up/m" }, ...group } },
  };
  daemon = await startDaemon(config);
  return daemon;
}

async function startOllama(capabilities: string[] | undefined): Promise<TestDaemon> {
  ollama = await startFakeOllama({
    "POST /api/show": { details: {}, capabilities },
    "POST /api/chat": (asked: FakeRequest, res: ServerResponse) => {
      const refuses = asked.body?.tools !== undefined && !capabilities?.includes("tools");
      if (refuses) return res.writeHead(400).end('{"error":"m does not support tools"}');
      const message = { role: "assistant", content: reply };
      return res.end(JSON.stringify({ model: "m", message, done: true, done_reason: "stop" }));
    },
  });
  daemon = await startDaemon({
    providers: { up: { protocol: "ollama", baseUrl: ollama.url } },
    groups: { default: { models: { "*": "up/m" } } },
  });
  return daemon;
}

const chats = () => ollama?.seen.filter(({ url }) => url === "/api/chat") ?? [];

describe("an Ollama that says what its model lacks", () => {
  it.each(["openai", "claude", "ollama"])("is not asked for tools in vain (%s client)", async (client) => {
    const { url } = await startOllama(["completion"]);
    reply = written;
    for (let turn = 0; turn < 2; turn++) {
      const { content } = await askResult(url, client, request({ tools }));
      expect(content).toMatchObject([{ type: "tool-call", name: "look" }]);
    }
    expect(chats().map(({ body }) => body?.tools)).toEqual([undefined, undefined]);
    expect(ollama?.seen).toHaveLength(3);
  });

  it("is not asked about what a request does not need", async () => {
    const { url } = await startOllama(["completion"]);
    await askResult(url, "openai", request());
    await askResult(`${url}/compat`, "openai", request({ tools }));
    expect(ollama?.seen.map((seen) => seen.url)).toEqual(["/api/chat", "/api/chat"]);
  });

  it("gets no image and no thinking from clients of other protocols, who are told so", async () => {
    const { url } = await startOllama(["completion"]);
    const asked = await ask(url, "openai", request({ messages: picture, thinking: { mode: "on" } }));
    expect(asked.headers.get("x-ccproxy-warning")).toBe("not sent to up: thinking, images");
    expect(chats()[0]?.text).toContain("cannot see images");
    expect(chats()[0]?.body).not.toHaveProperty("think");
  });

  it("itself tells clients of its own protocol", async () => {
    const { url } = await startOllama(["completion"]);
    await ask(url, "ollama", request({ messages: picture }), undefined, { handWritten: true });
    expect(chats()[0]?.body?.messages).toMatchObject([{ images: ["AAAA"] }]);
  });

  it("that does not list abilities teaches by its refusal", async () => {
    const { url } = await startOllama(undefined);
    reply = written;
    for (let turn = 0; turn < 2; turn++) await askResult(url, "openai", request({ tools }));
    expect(chats().map(({ body }) => body?.tools !== undefined)).toEqual([true, false, false]);
  });
});

describe("a configuration that says what models lack", () => {
  it.each(["openai", "gemini"])("emulates tools from the first request on (%s client)", async (client) => {
    const { url, log } = await startOpenai({ capabilities: { "*": ["json"] } });
    reply = written;
    const { content } = await askResult(url, client, request({ tools }));
    expect(content).toMatchObject([{ type: "tool-call", name: "look" }]);
    expect(provider?.seen).toHaveLength(1);
    expect(provider?.seen[0]?.body).not.toHaveProperty("tools");
    expect(log[0]?.via).toBe("compat");
  });

  it("native and a list with tools leave them alone", async () => {
    const { url } = await startOpenai({ capabilities: { "*": [] } }, { tools: "native" });
    await askResult(url, "claude", request({ tools }));
    expect(provider?.seen[0]?.request?.tools).toHaveLength(1);
  });

  it.each(["openai", "claude"])(
    "asks for JSON in the prompt and takes the fence away (%s client)",
    async (client) => {
      const { url } = await startOpenai({ capabilities: { m: ["tools"] } });
      reply = '```json\n{"a": 1}\n```';
      const output = { type: "json-schema", schema: { type: "object" }, name: "x" } as const;
      const { content } = await askResult(url, client, request({ output, tools }));
      expect(content).toEqual([{ type: "text", text: '{"a": 1}' }]);
      expect(provider?.seen[0]?.body).not.toHaveProperty("response_format");
      expect(provider?.seen[0]?.request?.system?.[0]?.text).toContain("JSON Schema");
      expect(provider?.seen[0]?.request?.tools).toHaveLength(1);
    },
  );

  it.each(["openai", "claude"])("replaces images (%s client)", async (client) => {
    const { url } = await startOpenai({ capabilities: { m: ["tools", "json"] } });
    const asked = await ask(url, client, request({ messages: picture }));
    expect(asked.headers.get("x-ccproxy-warning")).toContain("images");
    expect(provider?.seen[0]?.text).toContain("cannot see images");
    expect(provider?.seen[0]?.text).not.toContain("AAAA");
  });

  it("does not stand in the way of a request that needs nothing it lacks", async () => {
    const { url, log } = await startOpenai({ capabilities: { m: [] } });
    await askResult(url, "openai", request());
    expect(log[0]?.via).toBe("pass-through");
  });
});

describe("compat settings reach the request", () => {
  const wrong = '```json\n{"name": "look", "arguments": {}}\n```';

  it("of the group, and the target's over them", async () => {
    const { url } = await startOpenai(
      {},
      {
        tools: "compat",
        compat: { dialect: "glm", prompt: "T {tools} E {example}" },
        models: { a: "up/m", b: { target: "up/m", compat: { dialect: "invoke" } } },
      },
    );
    for (const model of ["a", "b"]) await askResult(url, "claude", request({ model, tools }));
    const [first = "", second = ""] = (provider?.seen ?? []).map(
      (seen) => seen.request?.system?.map((part) => part.text).join("") ?? "",
    );
    expect(first).toMatch(/^T \{"name":"look".*\} E <tool_call>tool_name/);
    expect(second).toMatch(/^T \{"name":"look".*\} E <function_calls>/);
  });

  it.each<[NonNullable<GroupConfig["compat"]>, number]>([
    [{}, 2],
    [{ reasks: 0 }, 1],
    [{ reasks: 2 }, 3],
    [{ strict: true, reasks: 2 }, 1],
  ])("%j: a call that fails is asked for %i times", async (compat, times) => {
    const { url } = await startOpenai({}, { tools: "compat", compat });
    reply = wrong;
    await askResult(url, "openai", request({ tools }));
    expect(provider?.seen).toHaveLength(times);
  });
});
