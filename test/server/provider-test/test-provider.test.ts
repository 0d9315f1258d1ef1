import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { createTester } from "../../../server/provider-test/create-tester.ts";
import type { ProviderReport, StepId } from "../../../server/provider-test/step.ts";
import type { ProviderTest } from "../../../server/provider-test/test-provider.ts";
import { memoryStorage } from "../../../storage/index.ts";
import type { Config, ProviderConfig } from "../../../storage/types.ts";
import { PROTOCOLS, startDaemon } from "../../support/daemon.ts";
import { startScriptedProvider, type Script } from "../../support/scripted-provider.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const words = (text: string): ReturnType<Script> => [
  { type: "start" },
  { type: "text-delta", text },
  { type: "finish", reason: "stop" },
];
const good: Script = (request) =>
  request.tools?.length
    ? [
        { type: "start" },
        { type: "tool-start", index: 0, id: "call_1", name: "get_weather" },
        { type: "tool-delta", index: 0, json: '{"city":"Paris"}' },
        { type: "finish", reason: "tool-calls" },
      ]
    : words("OK");

async function provide(script: Script, models?: string[]) {
  const provider = await startScriptedProvider(script, models);
  closing.push(provider.close);
  return provider;
}

async function test(
  provider: ProviderConfig,
  more: Partial<ProviderTest> & {
    config?: Partial<Config>;
    lookup?: Parameters<typeof createTester>[1];
  } = {},
): Promise<ProviderReport> {
  const { config, lookup, ...rest } = more;
  const tester = createTester(memoryStorage({ providers: { p: provider }, ...config }), lookup);
  try {
    return await tester.test({ id: "p", provider, key: provider.keys?.[0], ...rest });
  } finally {
    await tester.close();
  }
}

const outcomes = ({ steps }: ProviderReport): Partial<Record<StepId, string>> =>
  Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));
const ALL_OK = { dns: "ok", tls: "ok", auth: "ok", models: "ok", chat: "ok", tools: "ok", stream: "ok" };

describe("a provider that is well", () => {
  it.each(PROTOCOLS)("%s: every step is ok, by the daemon's own ways", async (protocol) => {
    const { url, seen } = await provide(good);
    const report = await test({ protocol, baseUrl: url, keys: ["sk-test-0123456789"] });
    expect(outcomes(report)).toEqual(ALL_OK);
    expect(report).toMatchObject({ outcome: "ok", model: expect.stringContaining("model-a") as string });
    expect(report.models).toHaveLength(2);
    for (const step of report.steps) expect(step.message).not.toBe("");
    const chats = seen.filter(({ request }) => request);
    expect(chats.map(({ request }) => [request?.stream, Boolean(request?.tools?.length)]).sort()).toEqual([
      [false, false],
      [false, true],
      [true, false],
    ]);
    for (const { headers } of chats) expect(headers["user-agent"]).toBe("ccproxy");
  });

  it("the model is one that is used, else a small one that talks", async () => {
    const { url } = await provide(good, ["text-embedding-3", "whisper-1", "gpt-9", "gpt-9-mini"]);
    const provider = { protocol: "openai", baseUrl: url };
    expect((await test(provider)).model).toBe("gpt-9-mini");
    const groups = { default: { models: { "*": "p/*", a: "other/x", b: ["p/gpt-9"] } } };
    expect(
      (await test(provider, { config: { groups, providers: { p: provider, other: provider } } })).model,
    ).toBe("gpt-9");
    expect(await test(provider, { model: "gpt-0" })).toMatchObject({
      outcome: "warn",
      steps: expect.arrayContaining([
        expect.objectContaining({ id: "models", message: '4 models, "gpt-0" is not among them' }),
      ]) as unknown,
    });
  });
});

describe("what is wrong is named where it is", () => {
  it("a name that does not exist, one that leads into the own network, a port where nobody listens", async () => {
    const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    const lost = await test(
      { protocol: "openai", baseUrl: "https://api.example.com/v1" },
      { lookup: { lookup: (_name, _options, callback) => callback(unknown, []) } },
    );
    expect(outcomes(lost)).toMatchObject({ dns: "fail", tls: "skip", chat: "skip" });
    expect(lost.steps[0]).toMatchObject({ fix: expect.stringContaining("--base-url") as string });
    const inward = await test(
      { protocol: "openai", baseUrl: "https://api.example.com/v1" },
      {
        lookup: {
          lookup: (_name, _options, callback) => callback(null, [{ address: "10.0.0.1", family: 4 }]),
        },
      },
    );
    expect(inward.steps[0]).toMatchObject({
      outcome: "fail",
      message: expect.stringContaining("10.0.0.1") as string,
      fix: expect.stringContaining("--allow-private") as string,
    });
    const { url, close } = await startScriptedProvider(good);
    await close();
    const refused = await test({ protocol: "openai", baseUrl: url });
    expect(outcomes(refused)).toMatchObject({ dns: "ok", tls: "fail", auth: "skip", stream: "skip" });
  });

  it("a certificate of nobody known", async () => {
    const read = (name: string): Buffer =>
      readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url));
    const server = createTlsServer({ cert: read("localhost.pem"), key: read("key.pem") }, (_req, res) =>
      res.end("{}"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const baseUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
    const report = await test({ protocol: "openai", baseUrl });
    expect(outcomes(report)).toMatchObject({ dns: "ok", tls: "fail", models: "skip" });
    expect(report.steps[1]).toMatchObject({ fix: expect.stringContaining("--ca-file") as string });
  });

  it("a key that is not set, refused, or used up; never shown", async () => {
    expect(
      await test({ protocol: "openai", baseUrl: "http://127.0.0.1:9", keys: ["env:NO_SUCH_KEY"] }),
    ).toMatchObject({
      outcome: "fail",
    });
    // Not of the kind that is known by its beginning.
    const secret = "corp.0123456789abcdef";
    const { url } = await provide((_request, { res }) => {
      res.writeHead(401, { "content-type": "application/json" });
      res.end(`{"error":{"message":"Incorrect API key provided: ${secret}"}}`);
      return undefined;
    });
    const missing = await test({ protocol: "openai", baseUrl: url, keys: ["env:NO_SUCH_KEY"] });
    expect(outcomes(missing)).toMatchObject({ auth: "fail", chat: "skip" });
    expect(missing.steps.find(({ id }) => id === "auth")?.message).toBe("env:NO_SUCH_KEY is not set");
    const refused = await test({ protocol: "openai", baseUrl: url, keys: [secret] });
    expect(outcomes(refused)).toMatchObject({ auth: "fail", models: "ok", chat: "skip", tools: "skip" });
    expect(JSON.stringify(refused)).not.toContain(secret.slice(0, 14));
    const spent = await provide((_request, { res }) => {
      res.writeHead(429, { "content-type": "application/json" });
      res.end('{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}');
      return undefined;
    });
    const report = await test({ protocol: "openai", baseUrl: spent.url, keys: [secret] }, { scope: "key" });
    expect(outcomes(report)).toEqual({ auth: "warn", chat: "warn" });
    expect(report.steps[0]).toMatchObject({ fix: "add credit at the provider, or another key" });
  });

  it("a model without tools, and one that answers in one body", async () => {
    const { url } = await provide((request, { res, face, call }) => {
      if (request.tools?.length) {
        const error = new GatewayError("invalid-request", "model-a does not support tools");
        const { status, headers, body } = face.writeError(error, call);
        res.writeHead(status, headers).end(body);
        return undefined;
      }
      res.writeHead(200, { "content-type": "application/json" });
      res.end('{"choices":[{"message":{"role":"assistant","content":"OK"},"finish_reason":"stop"}]}');
      return undefined;
    });
    const report = await test({ protocol: "openai", baseUrl: url });
    expect(outcomes(report)).toEqual({ ...ALL_OK, tools: "warn", stream: "warn" });
    expect(report.steps.find(({ id }) => id === "tools")?.fix).toContain("--tools compat");
    const silent = await provide(() => words("Sunny."));
    expect(outcomes(await test({ protocol: "claude", baseUrl: silent.url }))).toEqual({
      ...ALL_OK,
      tools: "warn",
    });
  });

  it("no list of models, and no model to try", async () => {
    const { url } = await provide(good, []);
    expect(outcomes(await test({ protocol: "openai", baseUrl: url }))).toMatchObject({
      models: "ok",
      chat: "warn",
    });
    const server = createServer((_req, res) => res.writeHead(404).end("<h1>nothing here</h1>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const report = await test({ protocol: "openai", baseUrl }, { model: "m" });
    expect(outcomes(report)).toMatchObject({ models: "warn", chat: "fail" });
  });
});

it("ends in time where a provider says nothing", async () => {
  const { url, seen } = await provide(() => undefined);
  const report = await test({ protocol: "openai", baseUrl: url }, { timeoutMs: 1500, model: "m" });
  expect(report.steps.find(({ id }) => id === "chat")).toMatchObject({
    outcome: "fail",
    message: expect.stringMatching(/^no answer within [01]\.\d s$/) as string,
  });
  expect(seen.filter(({ request }) => request)).toHaveLength(1);
});

it("the daemon tests a provider with what it has, for its administrator", async () => {
  const { url } = await provide(good);
  const daemon = await startDaemon({
    providers: { lan: { protocol: "ollama", baseUrl: url, keys: ["sk-test-1", "env:NO_SUCH_KEY"] } },
  });
  closing.push(() => daemon.close());
  const ask = async (path: string, token?: string): Promise<[number, Record<string, unknown>]> => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${daemon.url}${path}`, { method: "POST", headers });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const token = await daemon.storage.adminToken();
  expect((await ask("/admin/providers/lan/test"))[0]).toBe(401);
  expect(await ask("/admin/providers/lan/test", token)).toMatchObject([
    200,
    { outcome: "ok", keyName: "lan#1" },
  ]);
  expect(await ask("/admin/providers/lan/test?key=2", token)).toMatchObject([
    200,
    { outcome: "fail", keyName: "lan#2" },
  ]);
  expect((await ask("/admin/providers/lan/test?key=3", token))[0]).toBe(400);
  expect((await ask("/admin/providers/elsewhere/test", token))[0]).toBe(404);
});
