import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import type { ServerConfig } from "../../../storage/types.ts";
import { ask, userText } from "../../support/ask.ts";
import {
  perProtocol,
  PROTOCOLS,
  startDaemon,
  type ProtocolName,
  type TestDaemon,
} from "../../support/daemon.ts";
import {
  startScriptedProvider,
  toWriteContext,
  type Script,
  type ScriptedProvider,
} from "../../support/scripted-provider.ts";

let provider: ScriptedProvider;
let script: Script;
let daemon: TestDaemon | undefined;
beforeAll(async () => {
  provider = await startScriptedProvider((asked, raw) => script(asked, raw));
});
afterAll(() => provider.close());
afterEach(() => daemon?.close());

const start = async (server: Partial<ServerConfig> = {}): Promise<void> => {
  daemon = await startDaemon({
    ...perProtocol(provider.url),
    server: { host: "127.0.0.1", port: 0, ollamaOpen: true, ...server },
  });
};
const words = "Several words that say nothing at all. ".repeat(20);
const answer = (usage?: {
  inputTokens: number;
  outputTokens: number;
  cachedTokens?: number;
}): StreamEvent[] => [
  { type: "start", ...(usage && { usage: { ...usage, outputTokens: 0 } }) },
  { type: "text-delta", text: words },
  { type: "finish", reason: "stop", ...(usage && { usage }) },
];
const request = (stream: boolean): UnifiedRequest => ({
  model: "model-a",
  messages: [userText(words)],
  stream,
});

async function admin<T>(path: string): Promise<T> {
  const authorization = `Bearer ${await daemon?.storage.adminToken()}`;
  return (await (await fetch(`${daemon?.url}${path}`, { headers: { authorization } })).json()) as T;
}

describe.each([true, false])("streamed: %s", (stream) => {
  it.each(PROTOCOLS.flatMap((from) => PROTOCOLS.map((to): [ProtocolName, ProtocolName] => [from, to])))(
    "a %s client over a %s provider: the provider's own numbers",
    async (from, to) => {
      await start();
      script = () => answer({ inputTokens: 123, outputTokens: 45, cachedTokens: 100 });
      const entry = daemon?.nextEntry();
      const asked = await ask(`${daemon?.url}/${to}`, from, request(stream), undefined, {
        handWritten: true,
      });
      expect(asked.status).toBe(200);
      const logged = await entry;
      // OpenAI's own stream has counts only where the client asked for them.
      if (from === "openai" && to === "openai" && stream && logged?.estimated) {
        expect(logged.inputTokens).toBeGreaterThan(50);
        return;
      }
      const cached = to === "ollama" ? {} : { cachedTokens: 100 };
      expect(logged).toMatchObject({
        inputTokens: 123,
        outputTokens: 45,
        alias: "*",
        finish: "stop",
        ...cached,
      });
      expect(logged).not.toHaveProperty("estimated");
      const { rows } = await admin<{ rows: unknown[] }>("/admin/usage");
      expect(rows).toEqual([
        expect.objectContaining({
          key: "-",
          alias: `${to}@*`,
          target: `${to}/model-a`,
          requests: 1,
          inputTokens: 123,
        }),
      ]);
    },
  );
});

it("a provider that does not count: both sides are estimated, and said to be", async () => {
  await start();
  script = (asked, { res }) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    const chunk = (delta: object, finish: string | null) =>
      `data: ${JSON.stringify({ model: asked.model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    res.end(`${chunk({ content: words }, null)}${chunk({}, "stop")}data: [DONE]\n\n`);
    return undefined;
  };
  for (const from of ["claude", "openai"] as const) {
    const entry = daemon?.nextEntry();
    await ask(`${daemon?.url}/openai`, from, request(true), undefined, { handWritten: true });
    const logged = await entry;
    expect(logged).toMatchObject({ estimated: true });
    for (const tokens of [logged?.inputTokens ?? 0, logged?.outputTokens ?? 0]) {
      expect(tokens, from).toBeGreaterThan(100);
      expect(tokens, from).toBeLessThan(300);
    }
  }
  const { rows } = await admin<{ rows: { estimated: object; inputTokens: number }[] }>("/admin/usage");
  expect(rows[0]).toMatchObject({ inputTokens: 0, estimated: { requests: 2 } });
});

it.each(["claude", "openai"] as const)(
  "a %s client that leaves mid-stream: what it used so far is kept",
  async (from) => {
    await start();
    const events = answer({ inputTokens: 123, outputTokens: 45 }).slice(0, 2);
    script = (asked, { res, face, call }) => {
      res.writeHead(200, face.streamHeaders(call));
      res.write(face.createStreamWriter(toWriteContext(call, asked)).push(events));
      return undefined;
    };
    const entry = daemon?.nextEntry();
    const path = from === "claude" ? "/claude/v1/messages" : "/claude/v1/chat/completions";
    const req = httpRequest(`${daemon?.url}${path}`, { method: "POST" }, (res) => {
      // The first bytes of the answer are there.
      res.once("data", () => res.destroy());
    });
    req.on("error", () => undefined);
    req.end(
      JSON.stringify({
        model: "m",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: words }],
      }),
    );
    const logged = await entry;
    expect(logged).toMatchObject({ status: 499, inputTokens: 123, estimated: true });
    expect(logged?.outputTokens).toBeGreaterThan(100);
  },
);

it("a provider that failed and said nothing used nothing", async () => {
  await start();
  script = (_asked, { res }) => void res.writeHead(400).end('{"error":{"message":"no"}}');
  const entry = daemon?.nextEntry();
  await ask(`${daemon?.url}/claude`, "claude", request(false));
  expect(await entry).not.toHaveProperty("inputTokens");
});

it("embeddings count what they read", async () => {
  await start();
  const entry = daemon?.nextEntry();
  await fetch(`${daemon?.url}/openai/v1/embeddings`, {
    method: "POST",
    body: '{"model":"e","input":"text"}',
  });
  expect(await entry).toMatchObject({ inputTokens: 3, outputTokens: 0, alias: "*", target: "openai/e" });
});

describe("what /status and /metrics tell", () => {
  it("targets with their times, and numbers that Prometheus reads", async () => {
    await start();
    script = () => answer({ inputTokens: 10, outputTokens: 5, cachedTokens: 2 });
    for (let turn = 0; turn < 3; turn++) await ask(`${daemon?.url}/claude`, "openai", request(true));
    // A model's name is the client's, and may hold anything.
    await ask(`${daemon?.url}/openai`, "openai", { ...request(false), model: 'm"\n\\' });
    const status = await admin<{ targets: { target: string; requests: number; firstMs: { p50: number } }[] }>(
      "/status",
    );
    expect(status.targets[0]).toMatchObject({
      target: "claude/model-a",
      requests: 3,
      errors: 0,
      firstMs: {
        p50: expect.any(Number) as number,
        p95: expect.any(Number) as number,
        p99: expect.any(Number) as number,
      },
    });
    const authorization = `Bearer ${await daemon?.storage.adminToken()}`;
    const response = await fetch(`${daemon?.url}/metrics`, { headers: { authorization } });
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    for (const line of lines) {
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+\})? [\d.e+-]+)$/,
      );
    }
    expect(lines).toContain('ccproxy_requests_total{protocol="openai",status="2xx",via="converted"} 3');
    expect(lines).toContain('ccproxy_tokens_total{direction="input"} 40');
    expect(lines).toContain('ccproxy_tokens_total{direction="output"} 20');
    expect(lines).toContain("ccproxy_cached_tokens_total 8");
    expect(lines).toContain("ccproxy_cooling_keys 0");
    expect(lines).toContain('ccproxy_target_requests_total{target="claude/model-a",outcome="ok"} 3');
    expect(lines.some((line) => line.includes(String.raw`target="openai/m\"\n\\"`))).toBe(true);
    expect(
      lines.some((line) =>
        line.startsWith('ccproxy_first_token_seconds{target="claude/model-a",quantile="0.95"}'),
      ),
    ).toBe(true);
    // Asked twice, it says the same: nothing is counted by looking.
    const again = await (await fetch(`${daemon?.url}/metrics`, { headers: { authorization } })).text();
    expect(again).toContain('ccproxy_tokens_total{direction="input"} 40');
  });
});

describe("bodies in the request log", () => {
  it("are not there unless wanted", async () => {
    await start();
    script = () => answer();
    const entry = daemon?.nextEntry();
    await ask(`${daemon?.url}/claude`, "claude", request(true));
    const logged = await entry;
    expect(logged).not.toHaveProperty("requestBody");
    expect(logged).not.toHaveProperty("responseBody");
    expect(JSON.stringify(logged)).not.toContain("Several words");
  });

  it.each([
    ["claude", true],
    ["claude", false],
    ["openai", true],
  ])("are cut, and hold no header or key; over %s, streamed: %s", async (provided, stream) => {
    await start({ logBodies: "on", logBodyBytes: 200 });
    script = () => answer();
    const entry = daemon?.nextEntry();
    const response = await fetch(`${daemon?.url}/${provided}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "sk-very-secret" },
      body: JSON.stringify({
        model: "m",
        max_tokens: 9,
        stream,
        messages: [{ role: "user", content: words }],
      }),
    });
    const text = await response.text();
    const logged = await entry;
    expect(logged?.requestBody).toMatch(/^\{"model":"m".+Several words.+…$/);
    expect(logged?.responseBody).toBe(`${text.slice(0, 200)}…`);
    expect(JSON.stringify(logged)).not.toContain("sk-");
  });
});
