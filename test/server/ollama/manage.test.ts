import { describe, expect, it } from "vitest";
import type { Call, ClientFace } from "../../../adapters/adapter.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import { ollama } from "../../../adapters/ollama/index.ts";
import type { ModelInfo } from "../../../adapters/unified.ts";
import type { ManageHost } from "../../../server/ollama/host.ts";
import { handleManage } from "../../../server/ollama/manage.ts";

function findFace(): ClientFace {
  if (!ollama.client) throw new Error("the protocol has clients");
  return ollama.client;
}
const face = findFace();

/** A daemon with the aliases `foo` and `bar:7b`. */
function createHost(): ManageHost & { names: () => string[] } {
  const models = new Map<string, ModelInfo>([
    ["foo", { id: "foo", displayName: "Foo", contextLength: 8192 }],
    ["bar:7b", { id: "bar:7b" }],
  ]);
  const find = (name: string) => models.get(name) ?? models.get(name.replace(/:latest$/, ""));
  return {
    face,
    version: "0.33.0",
    listModels: async () => [...models.values()],
    findModel: async (name) => find(name),
    copyAlias: async (from, to) => {
      models.set(to, { ...find(from), id: to });
    },
    removeAlias: async (name) => models.delete(name),
    loaded: async () => [
      { name: "foo:latest", expires_at: "2030-01-01T00:00:00+02:00" },
      { name: "bar:7b", expires_at: "2030-01-01T00:00:00Z" },
    ],
    names: () => [...models.keys()],
  };
}

function toCall(method: string, path: string): Call {
  for (const route of face.routes) {
    const found = typeof route.path === "string" ? route.path === path && {} : route.path.exec(path)?.groups;
    if (route.method === method && found) {
      const { job, variant } = route;
      return { job, variant, params: { ...found }, query: new URLSearchParams(), headers: {} };
    }
  }
  throw new Error(`no route ${method} ${path}`);
}

async function ask(method: string, path: string, body?: unknown, host = createHost()) {
  const call = toCall(method, path);
  const answer = await handleManage(call, body, host).catch((error: unknown) => {
    if (error instanceof GatewayError) return face.writeError(error, call);
    throw error;
  });
  return { ...answer, lines: answer.body.split("\n").filter(Boolean) };
}

const brief = async (method: string, path: string, body?: unknown) => {
  const answer = await ask(method, path, body);
  return [answer.status, answer.body];
};

describe("handleManage", () => {
  it("greets, without a newline", async () => {
    expect(await ask("GET", "/")).toMatchObject({
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: "Ollama is running",
    });
    expect((await ask("HEAD", "/")).status).toBe(200);
  });

  it("tells version, status, account", async () => {
    expect(await brief("GET", "/api/version")).toEqual([200, '{"version":"0.33.0"}']);
    expect(await brief("GET", "/api/status")).toEqual([200, '{"cloud":{"disabled":true,"source":"env"}}']);
    expect(await brief("POST", "/api/me")).toEqual([
      401,
      '{"error":"unauthorized","signin_url":"https://ollama.com/connect"}',
    ]);
    expect(await brief("POST", "/api/signout")).toEqual([401, '{"error":"you are not currently signed in"}']);
    expect((await ask("DELETE", "/api/user/keys/abc")).status).toBe(401);
  });

  it("shows a model by either of its two keys, in any case", async () => {
    for (const body of [{ model: "foo" }, { name: "foo:latest" }, { Name: "foo" }]) {
      const { status, body: text } = await ask("POST", "/api/show", body);
      expect([status, JSON.parse(text)]).toMatchObject([
        200,
        {
          model_info: { "general.basename": "Foo", "ccproxy.context_length": 8192 },
          capabilities: ["completion", "tools"],
        },
      ]);
    }
    expect(await brief("POST", "/api/show", { model: "nope" })).toEqual([
      404,
      `{"error":"model 'nope:latest' not found"}`,
    ]);
    expect(await brief("POST", "/api/show", {})).toEqual([400, '{"error":"model is required"}']);
    expect(await brief("POST", "/api/show")).toEqual([400, '{"error":"missing request body"}']);
  });

  it("lists what is in use, the longest first", async () => {
    const { body } = await ask("GET", "/api/ps");
    expect(JSON.parse(body)).toMatchObject({ models: [{ name: "bar:7b" }, { name: "foo:latest" }] });
    expect(
      (await ask("GET", "/api/ps", undefined, { ...createHost(), loaded: undefined, names: () => [] })).body,
    ).toBe('{"models":[]}');
  });

  it("pulls an alias that is there, and nothing else", async () => {
    const pulled = await ask("POST", "/api/pull", { model: "foo", stream: true });
    expect(pulled.headers["content-type"]).toBe("application/x-ndjson");
    expect(pulled.lines[0]).toBe('{"status":"pulling manifest"}');
    expect(pulled.lines.at(-1)).toBe('{"status":"success"}');
    expect(pulled.body.endsWith("\n")).toBe(true);
    expect((await ask("POST", "/api/pull", { model: "nope" })).lines).toEqual([
      '{"status":"pulling manifest"}',
      '{"error":"pull model manifest: file does not exist"}',
    ]);
    expect(await brief("POST", "/api/pull", { name: "foo", stream: false })).toEqual([
      200,
      '{"status":"success"}',
    ]);
    expect(await brief("POST", "/api/pull", { name: "nope", stream: false })).toEqual([
      500,
      '{"error":"pull model manifest: file does not exist"}',
    ]);
    expect(await brief("POST", "/api/pull", { name: "" })).toEqual([400, '{"error":"invalid model name"}']);
    expect(await brief("POST", "/api/pull", { name: "a b" })).toEqual([
      400,
      '{"error":"invalid model name"}',
    ]);
  });

  it("pushes nothing", async () => {
    expect((await ask("POST", "/api/push", { model: "foo" })).lines.at(-1)).toMatch(
      /^\{"error":"you are not authorized/,
    );
    expect((await ask("POST", "/api/push", { model: "foo", stream: false })).status).toBe(500);
    expect(await brief("POST", "/api/push", {})).toEqual([400, '{"error":"model is required"}']);
  });

  it("copies and removes aliases", async () => {
    const host = createHost();
    const copied = await ask("POST", "/api/copy", { source: "foo:latest", destination: "baz" }, host);
    expect([copied.status, copied.body]).toEqual([200, ""]);
    expect(host.names()).toEqual(["foo", "bar:7b", "baz"]);
    const removed = await ask("DELETE", "/api/delete", { name: "baz" }, host);
    expect([removed.status, removed.body]).toEqual([200, ""]);
    expect(host.names()).toEqual(["foo", "bar:7b"]);
    expect(await brief("POST", "/api/copy", { source: "nope", destination: "x" })).toEqual([
      404,
      '{"error":"model \\"nope\\" not found"}',
    ]);
    expect(await brief("POST", "/api/copy", { source: "foo", destination: "claude-*" })).toEqual([
      400,
      '{"error":"destination \\"claude-*\\" is invalid"}',
    ]);
    expect(await brief("DELETE", "/api/delete", { model: "nope" })).toEqual([
      404,
      `{"error":"model 'nope' not found"}`,
    ]);
    expect(await brief("DELETE", "/api/delete", {})).toEqual([400, '{"error":"model is required"}']);
  });

  it("creates an alias of an alias, and refuses what one cannot keep", async () => {
    const host = createHost();
    const created = await ask(
      "POST",
      "/api/create",
      { model: "new", from: "foo", system: "", parameters: {} },
      host,
    );
    expect(created.lines.slice(-2)).toEqual(['{"status":"writing manifest"}', '{"status":"success"}']);
    expect(host.names()).toContain("new");
    const refused = await ask("POST", "/api/create", { model: "n", from: "foo", system: "Be red." }, host);
    expect([refused.status, refused.body]).toMatchObject([
      400,
      expect.stringContaining("an alias cannot keep system"),
    ]);
    expect(host.names()).not.toContain("n");
    expect(await brief("POST", "/api/create", { model: "n" })).toEqual([
      400,
      `{"error":"neither 'from' or 'files' was specified"}`,
    ]);
    expect(await brief("POST", "/api/create", { from: "foo" })).toEqual([
      400,
      '{"error":"invalid model name"}',
    ]);
    expect(await brief("POST", "/api/create", { model: "n", files: { "/etc/x": "" } })).toEqual([
      400,
      '{"error":"file path must be relative"}',
    ]);
    expect(await brief("POST", "/api/create", { model: "n", files: { x: "md5:1" } })).toEqual([
      400,
      '{"error":"invalid digest format"}',
    ]);
    expect((await ask("POST", "/api/create", { model: "n", from: "nope" })).lines.at(-1)).toContain(
      "file does not exist",
    );
  });

  it("keeps no files and has no cloud", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    expect(await brief("HEAD", `/api/blobs/${digest}`)).toEqual([
      404,
      `{"error":"blob \\"${digest}\\" not found"}`,
    ]);
    expect((await ask("POST", `/api/blobs/${digest}`)).status).toBe(400);
    expect(await brief("POST", "/api/blobs/sha256:12")).toEqual([400, '{"error":"invalid digest format"}']);
    expect(await brief("POST", "/api/experimental/web_search", { query: "x" })).toEqual([
      403,
      '{"error":"ollama cloud is disabled: web search is unavailable"}',
    ]);
    expect(await brief("POST", "/api/experimental/web_fetch")).toEqual([
      400,
      '{"error":"missing request body"}',
    ]);
    expect(JSON.parse((await ask("GET", "/api/experimental/model-recommendations")).body)).toEqual({
      recommendations: [
        { model: "foo", description: "Foo", context_length: 8192 },
        { model: "bar:7b", description: "bar:7b" },
      ],
    });
  });
});
