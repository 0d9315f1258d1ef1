import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UnifiedRequest } from "../adapters/unified.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import { startServer } from "../server/serve.ts";
import { openStorage } from "../storage/index.ts";
import { perProtocol, PROTOCOLS, startDaemon } from "./support/daemon.ts";
import { meaning } from "./support/meaning.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";
import { failureOf, label, SEALING, startSdkDaemon, type SdkDaemon } from "./support/sdk-daemon.ts";
import { createTextScript, HELLO, SEAL } from "./support/text-script.ts";

/** Protocols whose answers are converted for a client of the Responses API. */
const FOREIGN = PROTOCOLS.filter((protocol) => protocol !== "openai-responses");
const model = "model-a";
const tools: OpenAI.Responses.Tool[] = [
  {
    type: "function",
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    strict: false,
  },
];

let server: SdkDaemon;
beforeAll(async () => {
  server = await startSdkDaemon();
});
afterAll(() => server.close());

const connectTo = (url: string, apiKey = "none"): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const connect = (group: string): OpenAI => connectTo(`${server.daemon.url}/${group}`);
const lastRequest = (provider: ScriptedProvider = server.provider): UnifiedRequest => {
  const request = provider.seen.findLast((seen) => seen.request)?.request;
  if (!request) throw new Error("no chat was asked");
  return request;
};
/** As a client sends it: whole, or as a stream read to its end. */
async function respond(
  client: OpenAI,
  stream: boolean,
  body: OpenAI.Responses.ResponseCreateParamsNonStreaming,
): Promise<OpenAI.Responses.Response> {
  return stream
    ? client.responses.stream({ ...body, stream }).finalResponse()
    : client.responses.create(body);
}
const asInput = (output: OpenAI.Responses.ResponseOutputItem[]): OpenAI.Responses.ResponseInput =>
  output as OpenAI.Responses.ResponseInput;

describe.each(FOREIGN)("previous_response_id over a %s provider", (group) => {
  it.each([false, true])("means the same as the whole conversation; streamed: %s", async (stream) => {
    const client = connect(group);
    // Thoughts must be asked for: Gemini signs text whose thoughts it does not show, for its own clients alone.
    const reasoning = { effort: "low" as const, summary: "auto" as const };
    // One turn with a thought and its seal where the provider has them, one with calls.
    const asks = [label("SEALED hello"), label("WEATHER"), label("thanks")];
    const whole: OpenAI.Responses.ResponseInput = [];
    let previous: string | undefined;
    let calls = 0;
    for (const ask of asks) {
      const turn: OpenAI.Responses.ResponseInput = [{ role: "user", content: ask }];
      whole.push(...turn);
      const continued = await respond(client, stream, {
        model,
        input: previous === undefined ? ask : turn,
        tools,
        reasoning,
        ...(previous !== undefined && { previous_response_id: previous }),
      });
      const seen = lastRequest();
      await respond(client, stream, { model, input: whole, tools, reasoning, store: false });
      expect(meaning(seen)).toEqual(meaning(lastRequest()));
      expect(continued.previous_response_id).toBe(previous ?? null);
      previous = continued.id;
      whole.push(...asInput(continued.output));
      for (const item of continued.output) {
        if (item.type !== "function_call") continue;
        calls++;
        whole.push({ type: "function_call_output", call_id: item.call_id, output: "21 degrees" });
        const answered = await respond(client, stream, {
          model,
          input: [{ type: "function_call_output", call_id: item.call_id, output: "21 degrees" }],
          tools,
          reasoning,
          previous_response_id: previous,
        });
        expect(answered.output_text).toContain("get_weather=21 degrees");
        previous = answered.id;
        whole.push(...asInput(answered.output));
      }
    }
    expect(calls).toBe(1);
    if (SEALING.some((protocol) => protocol === group)) {
      const first = lastRequest().messages.find(({ role }) => role === "assistant");
      expect(first?.content).toContainEqual(
        expect.objectContaining({ type: "thinking", signature: { origin: group, value: SEAL } }),
      );
    }
  });
});

describe("what is kept", () => {
  it("is not the instructions", async () => {
    const client = connect("claude");
    const first = await client.responses.create({ model, input: label("hi"), instructions: "Be brief." });
    await client.responses.create({ model, input: "and", previous_response_id: first.id });
    expect(lastRequest().system).toBeUndefined();
    expect(lastRequest().messages).toHaveLength(3);
  });

  it("is nothing where the client says so", async () => {
    const client = connect("openai");
    const { state } = server.daemon.storage;
    const ids: string[] = [];
    for (const stream of [false, true]) {
      const first = await respond(client, stream, { model, input: "hi", store: false });
      expect(first).toHaveProperty("store", false);
      ids.push(first.id);
      const error = await failureOf(
        client.responses.create({ model, input: "and", previous_response_id: first.id }),
      );
      expect(error).toMatchObject({
        status: 400,
        code: "previous_response_not_found",
        param: "previous_response_id",
        type: "invalid_request_error",
        message: `400 Previous response with id '${first.id}' not found.`,
      });
    }
    const keys = await state.keys();
    expect(keys.filter((key) => ids.some((id) => key.includes(id)))).toEqual([]);
  });

  it("goes to a provider of the same protocol as a whole conversation, under no ids of ours", async () => {
    const first = await connect("claude").responses.create({ model, input: label("SEALED hi") });
    expect(first.output.map(({ type }) => type)).toContain("reasoning");
    const text = label("and");
    await connect("openai-responses").responses.create({
      model,
      input: text,
      previous_response_id: first.id,
    });
    const { body } = server.seen(text)[0] ?? {};
    expect(body).not.toHaveProperty("previous_response_id");
    const items = body?.input as Json[];
    // Claude's sealed thought is nothing OpenAI could read.
    expect(items.map(({ role, type }) => role ?? type)).toEqual(["user", "assistant", "user"]);
    expect(items.filter((item) => "id" in item)).toEqual([]);
    expect(server.seen(text)).toHaveLength(1);
  });

  it("a provider's own id goes to that provider, whoever else is in the pool", async () => {
    const daemon = await startDaemon({
      ...perProtocol(server.provider.url),
      groups: { mixed: { models: { "*": ["claude/*", "openai/*", "openai-responses/*"] } } },
    });
    const client = connectTo(`${daemon.url}/mixed`);
    for (let turn = 0; turn < 4; turn++) {
      const text = label("pool");
      await client.responses.create({ model, input: text, previous_response_id: "resp_1" });
      expect(server.seen(text)[0]?.body).toMatchObject({ previous_response_id: "resp_1" });
    }
    await daemon.close();
  });
});

describe("item_reference", () => {
  it("stands for the item of an earlier answer", async () => {
    const client = connect("gemini");
    const ask = label("WEATHER");
    const first = await client.responses.create({ model, input: ask, tools });
    const call = first.output.find((item) => item.type === "function_call");
    if (!call?.id) throw new Error("no call");
    const question = { role: "user" as const, content: ask };
    const result = { type: "function_call_output" as const, call_id: call.call_id, output: "21 degrees" };
    const references = first.output.map(({ id = "" }) => ({ type: "item_reference" as const, id: id ?? "" }));
    const second = await client.responses.create({ model, input: [question, ...references, result], tools });
    const seen = lastRequest();
    expect(second.output_text).toContain("get_weather=21 degrees");
    await client.responses.create({ model, input: [question, ...asInput(first.output), result], tools });
    expect(meaning(seen)).toEqual(meaning(lastRequest()));

    // The last answer's conversation holds the first one's items too: they are not said twice.
    await client.responses.create({
      model,
      previous_response_id: second.id,
      input: [...references, { role: "user", content: "thanks" }],
      tools,
    });
    expect(lastRequest().messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
  });

  it("is left out, and said to be, where it is not known", async () => {
    const response = await connect("openai")
      .responses.create({
        model,
        input: [
          { type: "item_reference", id: `msg_${"A".repeat(24)}0` },
          { role: "user", content: "hi" },
        ],
      })
      .asResponse();
    expect(response.headers.get("x-ccproxy-warning")).toContain("item_reference");
    expect(lastRequest().messages).toHaveLength(1);
  });
});

describe("the routes of kept responses", () => {
  it("give back the response and its conversation, and remove it", async () => {
    const client = connect("ollama");
    const first = await client.responses.create({ model, input: "one", metadata: { a: "b" } });
    const made = await client.responses.create({
      model,
      previous_response_id: first.id,
      input: [{ role: "user", content: [{ type: "input_text", text: "two" }] }],
    });
    expect(await client.responses.retrieve(made.id)).toEqual(made);

    const items = [];
    for await (const item of client.responses.inputItems.list(made.id, { order: "asc", limit: 2 }))
      items.push(item);
    expect(items).toMatchObject([
      { type: "message", role: "user", content: [{ type: "input_text", text: "one" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: HELLO }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "two" }] },
    ]);
    const ids = items.map((item) => (isObject(item) ? item.id : undefined));
    expect(new Set(ids).size).toBe(3);
    const newest = await client.responses.inputItems.list(made.id, { limit: 1 });
    expect(newest.data.map(({ id }) => id)).toEqual([ids[2]]);
    expect(newest.has_more).toBe(true);

    const url = `${server.daemon.url}/ollama/v1/responses/${made.id}`;
    expect((await fetch(`${url}?stream=true`)).status).toBe(400);
    expect((await fetch(`${url}/input_items?limit=0`)).status).toBe(400);
    expect((await fetch(`${url}/input_items?after=x`)).status).toBe(400);
    expect(await failureOf(client.responses.cancel(made.id))).toMatchObject({
      status: 400,
      message: "400 Cannot cancel a synchronous response.",
      type: "invalid_request_error",
    });
    const removed = await fetch(url, { method: "DELETE" });
    expect(await removed.json()).toEqual({ id: made.id, object: "response", deleted: true });
    expect(await failureOf(client.responses.retrieve(made.id))).toMatchObject({
      status: 404,
      type: "invalid_request_error",
      message: expect.stringContaining(`Response with id '${made.id}' not found. Responses of`),
    });
    expect(await client.responses.retrieve(first.id)).toEqual(first);
  });

  it("are no catch-all", async () => {
    const base = `${server.daemon.url}/openai/v1/responses`;
    const statusOf = async (path: string, method: string) => (await fetch(base + path, { method })).status;
    expect(await statusOf("/compact", "POST")).toBe(400);
    expect(await statusOf("/steer", "POST")).toBe(404);
    expect(await statusOf("/resp_x", "PUT")).toBe(405);
    expect(await statusOf("/resp_x", "DELETE")).toBe(404);
    expect(await statusOf("/resp_%2e%2e%2f/input_items", "GET")).toBe(404);
  });
});

describe("a provider's own responses", () => {
  /** Knows one response, for one of its keys. */
  const startOwner = async (): Promise<{ url: string; seen: string[]; close: () => void }> => {
    const seen: string[] = [];
    const owner = createServer((req, res) => {
      const isTheirs = req.headers.authorization === "Bearer sk-2" && req.url?.includes("/resp_theirs");
      seen.push(`${req.method ?? ""} ${req.url ?? ""} ${req.headers.authorization ?? ""}`);
      res.writeHead(isTheirs ? 200 : 404, { "content-type": "application/json" });
      res.end(
        isTheirs
          ? '{"id":"resp_theirs","object":"response","output":[]}'
          : '{"error":{"message":"no such response"}}',
      );
    });
    await new Promise<void>((resolve) => owner.listen(0, "127.0.0.1", resolve));
    const address = owner.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { url: `http://127.0.0.1:${address.port}`, seen, close: () => void owner.close() };
  };

  it("are read, listed, cancelled and removed there, with whatever key knows them", async () => {
    const owner = await startOwner();
    const daemon = await startDaemon({
      providers: {
        theirs: { protocol: "openai-responses", baseUrl: owner.url, keys: ["sk-1", "sk-2"] },
        other: { protocol: "claude", baseUrl: owner.url, keys: ["sk-3"] },
      },
      groups: { default: { models: { "*": ["other/*", "theirs/*"] } } },
    });
    const client = connectTo(daemon.url);
    expect(
      await client.responses.retrieve("resp_theirs", { include: ["reasoning.encrypted_content"] }),
    ).toMatchObject({
      id: "resp_theirs",
    });
    expect(owner.seen).toEqual(
      ["sk-1", "sk-2"].map(
        (key) => `GET /v1/responses/resp_theirs?include%5B%5D=reasoning.encrypted_content Bearer ${key}`,
      ),
    );
    await client.responses.inputItems.list("resp_theirs", { order: "asc" });
    await client.responses.cancel("resp_theirs");
    await client.responses.delete("resp_theirs");
    expect(owner.seen.filter((line) => line.endsWith("sk-2")).slice(1)).toEqual([
      "GET /v1/responses/resp_theirs/input_items?order=asc Bearer sk-2",
      "POST /v1/responses/resp_theirs/cancel Bearer sk-2",
      "DELETE /v1/responses/resp_theirs Bearer sk-2",
    ]);
    expect(await failureOf(client.responses.retrieve("resp_nobodys"))).toMatchObject({ status: 404 });
    // An id of ours is nothing a provider could know.
    const asked = owner.seen.length;
    expect(await failureOf(client.responses.retrieve(`resp_${"a".repeat(24)}`))).toMatchObject({
      status: 404,
    });
    expect(owner.seen).toHaveLength(asked);
    owner.close();
    await daemon.close();
  });
});

describe.each(FOREIGN)("compaction over a %s provider", (group) => {
  it("gives a summary in the conversation's place, by its route and in a stream", async () => {
    const client = connect(group);
    const asked = label("compact me");
    const { output } = await client.responses.compact({ model, input: asked });
    expect(output.map(({ type }) => type)).toEqual(["message", "compaction"]);
    expect(lastRequest().messages.length).toBeGreaterThan(0);
    const input = [{ role: "user" as const, content: asked }, { type: "compaction_trigger" as const }];
    const streamed = await respond(client, true, { model, input });
    expect(streamed.output.map(({ type }) => type)).toEqual(["compaction"]);
    for (const items of [output, streamed.output]) {
      await client.responses.create({
        model,
        input: [...asInput(items), { role: "user", content: label("and") }],
      });
      const texts = JSON.stringify(lastRequest().messages);
      expect(texts).toContain("which was shortened");
      expect(texts).toContain(JSON.stringify(HELLO).slice(1, -1));
    }
  });
});

describe("keys and restarts", () => {
  it("another key cannot read, go on with or remove what one key asked", async () => {
    const daemon = await startDaemon(perProtocol(server.provider.url));
    const { keyRing, config } = daemon.storage;
    const [one, two] = [keyRing.create("one"), keyRing.create("two")];
    await config.update((draft) => {
      draft.keys = { [one.id]: one.record, [two.id]: two.record };
    });
    const [owner, other] = [one, two].map((key) => connectTo(`${daemon.url}/claude`, key.secret));
    if (!owner || !other) throw new Error("no clients");
    const first = await owner.responses.create({ model, input: "a secret" });
    expect(await failureOf(other.responses.retrieve(first.id))).toHaveProperty("status", 404);
    expect(await failureOf(other.responses.delete(first.id))).toHaveProperty("status", 404);
    const stolen = other.responses.create({ model, input: "go on", previous_response_id: first.id });
    expect(await failureOf(stolen)).toHaveProperty("code", "previous_response_not_found");
    await owner.responses.create({ model, input: "go on", previous_response_id: first.id });
    expect(lastRequest().messages).toHaveLength(3);
    await daemon.close();
  });

  it("a conversation goes on after a restart when answers are kept on disk, and only then", async () => {
    const dir = await mkdtemp(join(tmpdir(), "stored-"));
    const provider = await startScriptedProvider(createTextScript());
    const { providers, groups } = perProtocol(provider.url);
    const start = async (keepResponses: "memory" | "disk" = "disk") => {
      const storage = await openStorage(dir, { watch: false });
      await storage.config.update((draft) => {
        Object.assign(draft, { providers, groups });
        draft.server.keepResponses = keepResponses;
      });
      const running = await startServer({ storage, host: "127.0.0.1", port: 0 });
      const client = connectTo(`${running.url}/claude`);
      const close = async (): Promise<void> => {
        await running.close(100);
        await storage.close();
      };
      return { client, close };
    };
    const before = await start();
    const first = await before.client.responses.create({ model, input: "one" });
    await before.close();
    const after = await start();
    expect(await after.client.responses.retrieve(first.id)).toEqual(first);
    await after.client.responses.create({ model, input: "two", previous_response_id: first.id });
    expect(lastRequest(provider).messages).toHaveLength(3);
    await after.close();
    const inMemory = await start("memory");
    const lost = await inMemory.client.responses.create({ model, input: "three" });
    await inMemory.close();
    const last = await start("memory");
    await expect(last.client.responses.retrieve(lost.id)).rejects.toMatchObject({ status: 404 });
    await last.close();
    await provider.close();
    await rm(dir, { recursive: true, force: true });
  });
});
