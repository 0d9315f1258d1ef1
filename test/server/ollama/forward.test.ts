import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startDaemon, type TestDaemon } from "../../support/daemon.ts";
import { startFakeOllama, type FakeAnswer, type FakeOllama } from "../../support/fake-ollama.ts";
import { send } from "../../support/send.ts";

const NDJSON = { "content-type": "application/x-ndjson" };
const shown = {
  license: "MIT",
  parameters: "num_ctx                        4096",
  details: {
    parent_model: "",
    format: "gguf",
    family: "qwen3",
    families: null,
    parameter_size: "8B",
    quantization_level: "Q4",
  },
  model_info: {
    "general.architecture": "qwen3",
    "general.basename": "Qwen3",
    "qwen3.context_length": 40_960,
  },
  tensors: [{ name: "t", type: "F16", shape: [1] }],
  capabilities: ["completion"],
  modified_at: "2026-01-01T00:00:00.5+02:00",
  unheard_of: 1,
};
const loaded = (model: string, expires_at: string) => ({
  name: model,
  model,
  size: 5,
  digest: "a".repeat(64),
  details: {},
  expires_at,
  size_vram: 5,
  context_length: 4096,
});

/** Answers to a progress route: lines, or the error that Ollama gives instead of a stream. */
const progress: FakeAnswer = ({ body }, res) => {
  if (body?.model === "broken") {
    res.writeHead(200, NDJSON).write('{"status":"pulling manifest"}\n{"sta');
    return void setTimeout(() => res.destroy(), 20);
  }
  if (body?.model === "hanging")
    return void res.writeHead(200, NDJSON).write('{"status":"pulling manifest"}\n');
  if (body?.stream === false && body.model === "nope")
    return void res
      .writeHead(500, { "content-type": "application/json" })
      .end('{"error":"pull model manifest: file does not exist"}');
  if (body?.stream === false)
    return void res.writeHead(200, { "content-type": "application/json" }).end('{"status":"success"}');
  res.writeHead(200, NDJSON).end('{"status":"one"}\n{"status":"success"}\n');
};
const empty: FakeAnswer = ({ body }, res) => {
  const missing = body?.model === "nope" || body?.source === "nope";
  if (missing)
    return void res
      .writeHead(404, { "content-type": "application/json; charset=utf-8" })
      .end(`{"error":"model 'nope' not found"}`);
  res.writeHead(200).end();
};

let ollama: FakeOllama;
let daemon: TestDaemon;
const digest = `sha256:${createHash("sha256").update("file").digest("hex")}`;

beforeEach(async () => {
  ollama = await startFakeOllama({
    "POST /api/show": (({ body }, res) => {
      if (body?.model === "nope")
        return void res.writeHead(404).end(`{"error":"model 'nope:latest' not found"}`);
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
    }) satisfies FakeAnswer,
    "GET /api/tags": {
      models: [{ name: "qwen3:8b", model: "qwen3:8b", details: shown.details, capabilities: ["completion"] }],
    },
    "GET /api/ps": {
      models: [
        loaded("llama3:latest", "2030-01-01T00:00:00+02:00"),
        loaded("qwen3:8b", "2031-01-01T00:00:00+02:00"),
        loaded("qwen3:8b-other", "2030-06-01T00:00:00Z"),
      ],
    },
    "POST /api/pull": progress,
    "POST /api/push": progress,
    "POST /api/create": progress,
    "POST /api/copy": empty,
    "DELETE /api/delete": empty,
    [`HEAD /api/blobs/${digest}`]: ((_request, res) => void res.writeHead(200).end()) satisfies FakeAnswer,
    [`POST /api/blobs/${digest}`]: ((_request, res) => void res.writeHead(201).end()) satisfies FakeAnswer,
    "POST /api/chat": {
      model: "qwen3:8b",
      created_at: "2026-01-01T00:00:00Z",
      message: { role: "assistant", content: "" },
      done: true,
      done_reason: "load",
    },
    "POST /api/generate": {
      model: "llama3",
      created_at: "2026-01-01T00:00:00Z",
      response: "",
      done: true,
      done_reason: "unload",
    },
    "POST /api/embed": { model: "qwen3:8b", embeddings: [] },
  });
  daemon = await startDaemon({
    providers: {
      ollama: { protocol: "ollama", baseUrl: ollama.url, keys: ["sk-upstream"] },
      openai: { protocol: "openai", baseUrl: ollama.url, models: ["gpt"] },
    },
    groups: {
      default: {
        models: { fast: "ollama/qwen3:8b", gpt: "openai/gpt", "gpt-*": "openai/*", "*": "ollama/*" },
        prompt: { mode: "enhance", text: "Be brief." },
      },
      native: { models: { fast: "ollama/qwen3:8b" }, tools: "native" },
      plain: { models: { gpt: "openai/gpt", fast: "ollama/qwen3:8b" } },
    },
  });
});
afterEach(async () => {
  await daemon.close();
  await ollama.close();
});

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  send(method, daemon.url + path, body, headers);
const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask("POST", path, body, headers);
const last = () => ollama.seen.at(-1);
const aliases = (group = "default") => Object.keys(daemon.storage.config.current.groups[group]?.models ?? {});

describe("a real Ollama behind the daemon", () => {
  it("pulls under its own name of the model; the answer comes through as it is", async () => {
    for (const [name, model] of [
      ["fast", "qwen3:8b"],
      ["llama3:latest", "llama3"],
      ["hf.co/a/b:Q4", "hf.co/a/b:Q4"],
    ]) {
      const sent = await post("/api/pull", { name, insecure: true });
      expect([sent.status, sent.headers["content-type"], sent.text]).toEqual([
        200,
        "application/x-ndjson",
        '{"status":"one"}\n{"status":"success"}\n',
      ]);
      expect(last()).toMatchObject({ method: "POST", url: "/api/pull", body: { model, insecure: true } });
      expect(last()?.body).not.toHaveProperty("name");
      expect(last()?.headers.authorization).toBe("Bearer sk-upstream");
    }
    const whole = await post("/api/pull", { model: "nope", stream: false });
    expect([whole.status, whole.text]).toEqual([500, '{"error":"pull model manifest: file does not exist"}']);
    expect((await post("/api/push", { model: "fast", stream: false })).text).toBe('{"status":"success"}');
    expect(last()).toMatchObject({ url: "/api/push", body: { model: "qwen3:8b" } });
  });

  it("is not asked for models of others, nor under names that are none", async () => {
    expect((await post("/api/pull", { model: "gpt" })).text).toContain("success");
    expect((await post("/plain/api/pull", { model: "llama3" })).text).toContain("file does not exist");
    expect((await post("/api/pull", { model: "a b" })).text).toBe('{"error":"invalid model name"}');
    expect(ollama.seen.filter(({ url }) => url === "/api/pull")).toEqual([]);
  });

  it("shows its models in its own words, with tools where they are taught", async () => {
    const sent = await post("/api/show", { model: "fast", verbose: true });
    expect(JSON.parse(sent.text)).toEqual({ ...shown, capabilities: ["completion", "tools"] });
    expect(Object.keys(JSON.parse(sent.text) as object)).toEqual(Object.keys(shown));
    expect(sent.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(last()?.body).toEqual({ model: "qwen3:8b", verbose: true });
    expect(JSON.parse((await post("/native/api/show", { name: "fast" })).text)).toEqual(shown);
    const copilot = await post("/api/show", { model: "fast" }, { "user-agent": "GitHubCopilotChat/0.30" });
    expect(JSON.parse(copilot.text)).toMatchObject({ model_info: { "general.basename": "fast" } });
  });

  it("says that a model is not there, unless an alias says it is", async () => {
    const missing = await post("/api/show", { model: "nope" });
    expect([missing.status, missing.text]).toEqual([404, `{"error":"model 'nope:latest' not found"}`]);
    await daemon.storage.config.update((draft) => {
      draft.groups.default = { models: { mine: "ollama/nope" } };
    });
    const alias = await post("/api/show", { model: "mine" });
    expect([alias.status, JSON.parse(alias.text)]).toMatchObject([
      200,
      { capabilities: ["completion", "tools"] },
    ]);
  });

  it("tells what it has loaded, under names that lead there, the longest first", async () => {
    const sent = await ask("GET", "/api/ps");
    const { models } = JSON.parse(sent.text) as {
      models: { name: string; model: string; expires_at: string }[];
    };
    expect(models.map(({ name, model, expires_at }) => [name, model, expires_at])).toEqual([
      ["fast:latest", "fast:latest", "2031-01-01T00:00:00+02:00"],
      ["qwen3:8b-other", "qwen3:8b-other", "2030-06-01T00:00:00Z"],
      ["llama3:latest", "llama3:latest", "2030-01-01T00:00:00+02:00"],
    ]);
    expect(models[0]).toMatchObject({ size_vram: 5, context_length: 4096, digest: "a".repeat(64) });
    expect((await ask("GET", "/plain/api/ps")).text).toContain('"name":"fast:latest"');
    await ollama.close();
    expect((await ask("GET", "/api/ps")).text).toBe('{"models":[]}');
  });

  it("loads and unloads: one object under the name asked for, nothing of the group added", async () => {
    for (const stream of [true, false, undefined]) {
      const sent = await post("/api/chat", { model: "fast", messages: [], keep_alive: -1, stream });
      expect([sent.status, sent.headers["content-type"], sent.text]).toEqual([
        200,
        "application/json; charset=utf-8",
        '{"model":"fast","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"}',
      ]);
      expect(last()?.body).toMatchObject({ model: "qwen3:8b", messages: [], keep_alive: -1 });
    }
    const unloaded = await post("/compat_mode/api/generate", { model: "llama3", prompt: "", keep_alive: 0 });
    expect(unloaded.text).toContain('"done_reason":"unload"');
    expect(last()?.body).toEqual({ model: "llama3", prompt: "", keep_alive: 0 });
    expect((await post("/api/embed", { model: "fast", input: "", keep_alive: 5 })).text).toBe(
      '{"model":"fast","embeddings":[]}',
    );
    expect(last()).toMatchObject({ url: "/api/embed", body: { model: "qwen3:8b", keep_alive: 5 } });
    expect((await post("/api/chat", { model: "gpt" })).text).toContain('"done_reason":"load"');
  });

  it("deletes what a pattern leads to; an alias of ours is all that goes of it", async () => {
    const removed = await ask("DELETE", "/api/delete", { name: "llama3" });
    expect([removed.status, removed.text]).toEqual([200, ""]);
    expect(last()).toMatchObject({ method: "DELETE", url: "/api/delete", body: { model: "llama3" } });
    const missing = await ask("DELETE", "/api/delete", { model: "nope" });
    expect([missing.status, missing.text]).toEqual([404, `{"error":"model 'nope' not found"}`]);
    const before = ollama.seen.length;
    expect((await ask("DELETE", "/api/delete", { model: "fast:latest" })).status).toBe(200);
    expect(aliases()).not.toContain("fast");
    expect(ollama.seen).toHaveLength(before);
  });

  it("copies what a pattern leads to; an alias becomes an alias", async () => {
    const copied = await post("/api/copy", { source: "llama3", destination: "mine" });
    expect([copied.status, copied.text]).toEqual([200, ""]);
    expect(last()).toMatchObject({ url: "/api/copy", body: { source: "llama3", destination: "mine" } });
    const before = ollama.seen.filter(({ url }) => url === "/api/copy").length;
    expect((await post("/api/copy", { source: "fast", destination: "faster" })).status).toBe(200);
    expect(daemon.storage.config.current.groups.default?.models.faster).toBe("ollama/qwen3:8b");
    // No pattern leads from this name to the Ollama: an alias for just this model does.
    expect((await post("/api/copy", { source: "llama3", destination: "gpt-mine" })).status).toBe(200);
    expect(daemon.storage.config.current.groups.default?.models["gpt-mine"]).toBe("ollama/llama3");
    expect(ollama.seen.filter(({ url }) => url === "/api/copy")).toHaveLength(before);
  });

  it("creates models from its own, and never over one behind an alias", async () => {
    const made = await post("/api/create", { model: "mario", from: "fast", system: "You are Mario." });
    expect([made.status, made.text]).toEqual([200, '{"status":"one"}\n{"status":"success"}\n']);
    expect(last()?.body).toEqual({ model: "mario", from: "qwen3:8b", system: "You are Mario." });
    await post("/api/create", { model: "file", files: { "a.gguf": digest } });
    expect(last()?.body).toEqual({ model: "file", files: { "a.gguf": digest } });
    const before = ollama.seen.filter(({ url }) => url === "/api/create").length;
    expect((await post("/api/create", { model: "again", from: "fast" })).text).toContain("success");
    expect(aliases()).toContain("again");
    for (const body of [
      { model: "fast", from: "llama3", system: "x" },
      { model: "mario", from: "gpt", system: "x" },
    ]) {
      const refused = await post("/api/create", body);
      expect([refused.status, refused.text]).toEqual([
        400,
        expect.stringContaining("an alias cannot keep system") as string,
      ]);
    }
    expect(ollama.seen.filter(({ url }) => url === "/api/create")).toHaveLength(before);
  });

  it("takes files as they come", async () => {
    const path = `/api/blobs/${digest}`;
    const headed = await ask("HEAD", path);
    expect([headed.status, headed.text]).toEqual([200, ""]);
    expect((await ask("HEAD", `/api/blobs/sha256:${"b".repeat(64)}`)).status).toBe(404);
    const stored = await post(path, "file", { "content-type": "application/octet-stream" });
    expect([stored.status, stored.text, last()?.text]).toEqual([201, "", "file"]);
    expect((await post("/api/blobs/sha256:12", "file")).text).toBe('{"error":"invalid digest format"}');
    // Larger than any body that is read: files are not read but handed on.
    const large = "x".repeat(40_000_000);
    expect((await post(path, large)).status).toBe(201);
    expect(last()?.text).toHaveLength(large.length);
  }, 30_000);

  it("may break off, refuse, or be gone: the client hears of it", async () => {
    const broken = await post("/api/pull", { model: "broken" });
    expect(broken.status).toBe(200);
    const lines = broken.text.split("\n").filter(Boolean);
    expect(lines[0]).toBe('{"status":"pulling manifest"}');
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ error: expect.any(String) as string });
    expect(broken.text.endsWith("\n")).toBe(true);
    await ollama.close();
    const gone = await post("/api/pull", { model: "llama3" });
    expect([gone.status, JSON.parse(gone.text)]).toEqual([
      502,
      { error: expect.stringContaining("connection refused") as string },
    ]);
    const blob = await post(`/api/blobs/${digest}`, "x".repeat(1_000_000));
    expect(blob.status).toBe(502);
  });

  it("is hung up on when the client goes", async () => {
    const request = httpRequest(`${daemon.url}/api/pull`, { method: "POST" }, (response) => {
      response.once("data", () => request.destroy());
    });
    request.on("error", () => undefined);
    request.end('{"model":"hanging"}');
    await expect.poll(() => last()?.url).toBe("/api/pull");
    await last()?.closed;
    expect(daemon.log.at(-1)).toMatchObject({ status: 499 });
  });
});

describe("who may change models", () => {
  it("this machine, and whoever has a key of the group", async () => {
    const [mine, other] = [daemon.storage.keyRing.create("a"), daemon.storage.keyRing.create("b", ["plain"])];
    await daemon.storage.config.update((draft) => {
      draft.keys = { [mine.id]: mine.record, [other.id]: other.record };
      draft.server.ollamaOpen = false;
    });
    const remove = (key?: string) =>
      ask(
        "DELETE",
        "/api/delete",
        { model: "llama3" },
        key === undefined ? {} : { authorization: `Bearer ${key}` },
      );
    expect((await remove()).status).toBe(401);
    expect((await remove(other.secret)).status).toBe(403);
    const sideways = await ask(
      "DELETE",
      "/plain/api/delete",
      { model: "default@llama3" },
      { authorization: `Bearer ${other.secret}` },
    );
    expect(sideways.status).toBe(403);
    expect(ollama.seen).toEqual([]);
    expect((await remove(mine.secret)).status).toBe(200);
  });
});

it("the demo is no Ollama that could be managed", async () => {
  const demo = await startDaemon();
  const answer = (method: string, path: string, body?: unknown) => send(method, demo.url + path, body);
  expect((await answer("GET", "/api/ps")).text).toBe('{"models":[]}');
  expect((await answer("POST", "/api/show", { model: "demo" })).text).toContain(
    '"capabilities":["completion","tools"]',
  );
  expect((await answer("POST", "/api/chat", { model: "demo" })).text).toContain('"done_reason":"load"');
  expect((await answer("POST", "/api/pull", { model: "demo" })).text).toContain("success");
  expect((await answer("HEAD", `/api/blobs/${digest}`)).status).toBe(404);
  await demo.close();
});
