import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDaemon, type TestDaemon } from "./support/daemon.ts";
import { startFakeOllama, type FakeAnswer, type FakeOllama } from "./support/fake-ollama.ts";
import { send, type Sent } from "./support/send.ts";

/** Ollama's management routes where no Ollama is behind them, byte for byte, and what each client reads of them. */

const details = {
  parent_model: "",
  format: "safetensors",
  family: "qwen3",
  families: null,
  parameter_size: "8.0B",
  quantization_level: "Q4_K_M",
  context_length: 40_960,
};
const shown = {
  license: "MIT",
  modelfile: "FROM x",
  parameters: 'num_ctx                        4096\nstop                           "<|eot_id|>"',
  template: "{{ .Prompt }}",
  details: { ...details, families: ["qwen3"] },
  model_info: {
    "general.architecture": "qwen3",
    "general.basename": "Qwen3",
    "qwen3.context_length": 40_960,
  },
  capabilities: ["completion"],
  modified_at: "2026-01-01T02:00:00.123456789+02:00",
};
let ollama: FakeOllama;
let daemon: TestDaemon;

beforeAll(async () => {
  ollama = await startFakeOllama({
    "GET /api/tags": {
      models: [
        {
          name: "qwen3:8b",
          model: "qwen3:8b",
          modified_at: "2026-01-01T02:00:00.123456789+02:00",
          size: 5,
          digest: "b".repeat(64),
          details,
          capabilities: ["completion"],
        },
        {
          name: "nomic-embed-text:latest",
          modified_at: "2025-01-01T00:00:00Z",
          details: { family: "bert" },
          capabilities: ["embedding"],
        },
      ],
    },
    // Of others it shows nothing: not all that imitate Ollama have this route.
    "POST /api/show": (({ body }, res) => {
      if (body?.model !== "qwen3:8b") return void res.writeHead(404).end("404 page not found");
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
    }) satisfies FakeAnswer,
    "GET /v1/models": {
      data: [{ id: "plain" }, { id: "known", context_length: 8192, created: 1_700_000_000 }],
    },
  });
  daemon = await startDaemon({
    providers: {
      openai: { protocol: "openai", baseUrl: ollama.url, keys: ["sk-test"] },
      ollama: { protocol: "ollama", baseUrl: ollama.url },
      down: { protocol: "openai", baseUrl: "http://127.0.0.1:9" },
    },
    groups: {
      default: { models: { plain: "openai/plain", "known:v1": "openai/known" } },
      everything: {
        models: {
          plain: "openai/plain",
          known: "openai/known",
          fast: "ollama/qwen3:8b",
          vectors: "ollama/nomic-embed-text",
          "text-embedding-3": "openai/text-embedding-3-small",
          unreachable: "down/some-model",
          "*": "ollama/*",
        },
      },
      native: { models: { fast: "ollama/qwen3:8b" }, tools: "native" },
      empty: { models: {} },
    },
  });
});
afterAll(async () => {
  await daemon.close();
  await ollama.close();
});

const ask = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Sent> => send(method, daemon.url + path, body, headers);
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const JSON_TYPE = "application/json; charset=utf-8";
const brief = ({ status, headers, text }: Sent) => [status, headers["content-type"], text];

describe("answers without a model", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  it.each([
    ["GET", "/", undefined, 200, "text/plain; charset=utf-8", "Ollama is running"],
    ["GET", "/api/version", undefined, 200, JSON_TYPE, '{"version":"0.33.0"}'],
    ["GET", "/api/status", undefined, 200, JSON_TYPE, '{"cloud":{"disabled":true,"source":"env"}}'],
    ["GET", "/api/ps", undefined, 200, JSON_TYPE, '{"models":[]}'],
    ["GET", "/empty/api/tags", undefined, 200, JSON_TYPE, '{"models":[]}'],
    ["POST", "/api/me", undefined, 401, JSON_TYPE, '{"error":"unauthorized"}'],
    ["POST", "/api/signout", undefined, 401, JSON_TYPE, '{"error":"you are not currently signed in"}'],
    [
      "DELETE",
      "/api/user/keys/abc",
      undefined,
      401,
      JSON_TYPE,
      '{"error":"you are not currently signed in"}',
    ],
    [
      "POST",
      "/api/experimental/web_search",
      { query: "x" },
      403,
      JSON_TYPE,
      '{"error":"ollama cloud is disabled: web search is unavailable"}',
    ],
    [
      "POST",
      "/api/experimental/web_fetch",
      { url: "x" },
      403,
      JSON_TYPE,
      '{"error":"ollama cloud is disabled: web fetch is unavailable"}',
    ],
    ["POST", "/api/experimental/web_search", undefined, 400, JSON_TYPE, '{"error":"missing request body"}'],
    ["HEAD", `/api/blobs/${digest}`, undefined, 404, undefined, ""],
    ["HEAD", "/api/blobs/md5:1", undefined, 400, JSON_TYPE, ""],
    ["POST", "/api/blobs/md5:1", "x", 400, JSON_TYPE, '{"error":"invalid digest format"}'],
    ["POST", "/api/show", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    ["POST", "/api/show", { model: "a b" }, 400, JSON_TYPE, '{"error":"invalid model name"}'],
    ["POST", "/api/show", { model: "no" }, 404, JSON_TYPE, `{"error":"model 'no:latest' not found"}`],
    [
      "POST",
      "/api/show",
      { model: 5 },
      400,
      JSON_TYPE,
      '{"error":"json: cannot unmarshal number into Go struct field ShowRequest.model of type string"}',
    ],
    ["POST", "/api/pull", {}, 400, JSON_TYPE, '{"error":"invalid model name"}'],
    [
      "POST",
      "/api/pull",
      { model: "plain" },
      200,
      "application/x-ndjson",
      '{"status":"pulling manifest"}\n{"status":"verifying sha256 digest"}\n{"status":"writing manifest"}\n{"status":"success"}\n',
    ],
    [
      "POST",
      "/api/pull",
      { name: "plain:latest", stream: false },
      200,
      "application/json",
      '{"status":"success"}',
    ],
    [
      "POST",
      "/api/pull",
      { model: "no" },
      200,
      "application/x-ndjson",
      '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n',
    ],
    [
      "POST",
      "/api/pull",
      { model: "no", stream: false },
      500,
      "application/json",
      '{"error":"pull model manifest: file does not exist"}',
    ],
    ["POST", "/api/push", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    [
      "POST",
      "/api/push",
      { model: "no", stream: false },
      500,
      "application/json",
      `{"error":"model 'no' not found"}`,
    ],
    [
      "POST",
      "/api/create",
      { model: "x" },
      400,
      JSON_TYPE,
      `{"error":"neither 'from' or 'files' was specified"}`,
    ],
    [
      "POST",
      "/api/create",
      { model: "x", files: { "/etc/x": digest } },
      400,
      JSON_TYPE,
      '{"error":"file path must be relative"}',
    ],
    [
      "POST",
      "/api/create",
      { model: "x", files: { a: "md5:1" } },
      400,
      JSON_TYPE,
      '{"error":"invalid digest format"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "a b", destination: "x" },
      400,
      JSON_TYPE,
      '{"error":"source \\"a b\\" is invalid"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "plain", destination: "" },
      400,
      JSON_TYPE,
      '{"error":"destination \\"\\" is invalid"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "no", destination: "x" },
      404,
      JSON_TYPE,
      '{"error":"model \\"no\\" not found"}',
    ],
    ["DELETE", "/api/delete", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    ["DELETE", "/api/delete", { name: "a b" }, 400, JSON_TYPE, '{"error":"name \\"a b\\" is invalid"}'],
    ["DELETE", "/api/delete", { name: "no" }, 404, JSON_TYPE, `{"error":"model 'no' not found"}`],
  ] as const)("%s %s %j", async (method, path, body, status, type, text) => {
    expect(brief(await ask(method, path, body))).toEqual([status, type, text]);
  });

  it("copying, creating and deleting have no more to say than that it is done", async () => {
    expect(
      brief(await ask("POST", "/api/copy", { source: "plain:latest", destination: "copied:latest" })),
    ).toEqual([200, undefined, ""]);
    expect((await ask("POST", "/api/create", { model: "made", from: "copied" })).text).toBe(
      '{"status":"reading model metadata"}\n{"status":"writing manifest"}\n{"status":"success"}\n',
    );
    const names = Object.keys(daemon.storage.config.current.groups.default?.models ?? {});
    expect(names).toEqual(["plain", "known:v1", "copied", "made"]);
    for (const name of ["copied", "made:latest"])
      expect(brief(await ask("DELETE", "/api/delete", { name }))).toEqual([200, undefined, ""]);
  });
});

describe("/api/tags and /api/show", () => {
  it("list what is known and make nothing up, newest first", async () => {
    const plainDetails =
      '"details":{"parent_model":"","format":"gguf","family":"ccproxy","families":["ccproxy"],"parameter_size":"unknown","quantization_level":"unknown"';
    const { text } = await ask("GET", "/api/tags");
    expect(text).toBe(
      `{"models":[{"name":"known:v1","model":"known:v1","modified_at":"2023-11-14T22:13:20Z","size":0,"digest":"${sha("known:v1")}",${plainDetails},"context_length":8192},"capabilities":["completion","tools"]},` +
        `{"name":"plain:latest","model":"plain:latest","modified_at":"1970-01-01T00:00:00Z","size":0,"digest":"${sha("plain")}",${plainDetails}},"capabilities":["completion","tools"]}]}`,
    );
    expect(text).not.toContain("expires_at");
  });

  it("show the same, with every text that clients read", async () => {
    const { text } = await ask("POST", "/api/show", { model: "known:v1" });
    expect(text).toBe(
      '{"license":"","modelfile":"# Modelfile generated by \\"ollama show\\"\\n# To build a new Modelfile based on this, replace FROM with:\\n# FROM known:v1\\n\\nFROM known:v1\\nTEMPLATE \\"\\"\\"{{ if .System }}{{ .System }}\\n{{ end }}{{ if .Tools }}{{ .Tools }}\\n{{ end }}{{ .Prompt }}\\"\\"\\"\\n",' +
        '"parameters":"num_ctx                        8192","template":"{{ if .System }}{{ .System }}\\n{{ end }}{{ if .Tools }}{{ .Tools }}\\n{{ end }}{{ .Prompt }}",' +
        '"details":{"parent_model":"","format":"gguf","family":"ccproxy","families":["ccproxy"],"parameter_size":"unknown","quantization_level":"unknown"},' +
        '"model_info":{"general.architecture":"ccproxy","general.basename":"known:v1","ccproxy.context_length":8192},"capabilities":["completion","tools"],"modified_at":"2023-11-14T22:13:20Z"}',
    );
    expect((await ask("POST", "/api/show", { model: "plain" })).text).not.toContain("context_length");
  });

  it("teach tools where compat mode does, and to none that only makes embeddings", async () => {
    const list = async (group: string) => {
      const { models } = JSON.parse((await ask("GET", `/${group}/api/tags`)).text) as {
        models: { name: string; capabilities: string[] }[];
      };
      return Object.fromEntries(models.map(({ name, capabilities }) => [name, capabilities]));
    };
    expect(await list("everything")).toEqual({
      "plain:latest": ["completion", "tools"],
      "known:latest": ["completion", "tools"],
      "fast:latest": ["completion", "tools"],
      "vectors:latest": ["embedding"],
      "text-embedding-3:latest": ["embedding"],
      "unreachable:latest": ["completion", "tools"],
      "qwen3:8b": ["completion", "tools"],
      "nomic-embed-text:latest": ["embedding"],
    });
    expect(await list("native")).toEqual({ "fast:latest": ["completion"] });
  });

  it("keep what an Ollama tells about a model", async () => {
    const { models } = JSON.parse((await ask("GET", "/native/api/tags")).text) as { models: object[] };
    expect(models).toEqual([
      {
        name: "fast:latest",
        model: "fast:latest",
        modified_at: "2026-01-01T00:00:00.123Z",
        size: 5,
        digest: "b".repeat(64),
        details: { ...details, families: ["qwen3"] },
        capabilities: ["completion"],
      },
    ]);
  });
});

interface Item {
  name: string;
  model: string;
  modified_at: string;
  size: number;
  digest: string;
  details: Record<string, unknown>;
  capabilities: string[];
}
interface Shown {
  license: string;
  modelfile: string;
  parameters: string;
  template: string;
  details: Record<string, unknown>;
  model_info: Record<string, unknown>;
  capabilities: string[];
  modified_at: string;
}
const isText = (value: unknown): boolean => typeof value === "string";
const isFilled = (value: unknown): boolean => typeof value === "string" && value !== "";
const isMoment = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) &&
  !Number.isNaN(Date.parse(value));

const READERS: [client: string, reads: (item: Item, shown: Shown) => boolean][] = [
  [
    "ollama list slices digests and parses times",
    ({ digest, modified_at, size }) =>
      digest.slice(0, 12).length === 12 && isMoment(modified_at) && Number.isInteger(size),
  ],
  [
    "ollama run decides by capabilities",
    (_item, { capabilities }) => capabilities.includes("completion") || capabilities.includes("embedding"),
  ],
  [
    "ollama show reads a number of context",
    (_item, { model_info }) =>
      Object.entries(model_info).every(
        ([key, value]) => !key.endsWith("context_length") || typeof value === "number",
      ),
  ],
  [
    "ollama launch hides what has no capabilities",
    ({ capabilities }) => Array.isArray(capabilities) && capabilities.length > 0,
  ],
  [
    "Copilot looks for the context under the architecture",
    (_item, { model_info, capabilities }) => {
      const keys = Object.keys(model_info).filter((key) => key.endsWith(".context_length"));
      return (
        Array.isArray(capabilities) &&
        isFilled(model_info["general.basename"]) &&
        keys.every((key) => key === `${String(model_info["general.architecture"])}.context_length`)
      );
    },
  ],
  [
    "Zed deserialises strictly",
    ({ name, modified_at, size, digest, details: { format, family, parameter_size, quantization_level } }) =>
      [name, modified_at, digest, format, family, parameter_size, quantization_level].every(isText) &&
      size >= 0,
  ],
  [
    "Open WebUI wants both names",
    ({ name, model }) => isFilled(name) && name === model && name.includes(":"),
  ],
  [
    "Continue reads num_ctx from the text",
    (_item, { parameters, model_info }) =>
      isText(parameters) &&
      /num_ctx +\d+/.test(parameters) ===
        Object.keys(model_info).some((key) => key.endsWith("context_length")),
  ],
  [
    "Continue completes only with a suffix in the template",
    (_item, { template, capabilities }) =>
      isText(template) && template.includes(".Suffix") === capabilities.includes("insert"),
  ],
  [
    "Roo Code validates details and model_info",
    ({ details }, shown) =>
      [details, shown.details].every(
        ({ family, parameter_size, families }) =>
          isText(family) && isText(parameter_size) && Array.isArray(families),
      ) && typeof shown.model_info === "object",
  ],
  [
    "Roo Code hides what has no tools",
    (_item, { capabilities }) => capabilities.includes("embedding") || capabilities.includes("tools"),
  ],
  [
    "Home Assistant and Python parse ISO dates",
    ({ modified_at }, shown) => isMoment(modified_at) && isMoment(shown.modified_at),
  ],
  [
    "ollama-python needs model_info",
    (_item, { model_info }) => typeof model_info === "object" && model_info !== null,
  ],
  [
    "OllamaKit needs four texts",
    (_item, { license, template, modelfile, parameters }) =>
      [license, template, modelfile, parameters].every(isText),
  ],
  [
    "Raycast reads parameters by line",
    (_item, { parameters }) => parameters.split("\n").every((line) => line === "" || /^\w+ +\S/.test(line)),
  ],
  [
    "Langflow filters by capability",
    ({ capabilities }, shown) => JSON.stringify(capabilities) === JSON.stringify(shown.capabilities),
  ],
  [
    "docker model-runner's clients skip empty details",
    ({ details }) =>
      ["family", "format", "parameter_size", "quantization_level"].every((key) => isFilled(details[key])),
  ],
  ["exo's clients break on null", (item, shown) => !JSON.stringify([item, shown]).includes("null")],
];

describe("what clients read", () => {
  it.each(["default", "everything"])("of group %s", async (group) => {
    const { models } = JSON.parse((await ask("GET", `/${group}/api/tags`)).text) as { models: Item[] };
    expect(models.length).toBeGreaterThan(0);
    for (const item of models) {
      for (const key of ["model", "name"]) {
        const { status, text } = await ask("POST", `/${group}/api/show`, { [key]: item.model });
        expect([status, item.name]).toEqual([200, item.name]);
        const shown = JSON.parse(text) as Shown;
        const blind = READERS.filter(([, reads]) => !reads(item, shown)).map(([client]) => client);
        expect([item.name, blind]).toEqual([item.name, []]);
      }
    }
  });

  it("the version, as numbers between dots", async () => {
    const { version } = JSON.parse((await ask("GET", "/api/version")).text) as { version: string };
    const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(major > 0 || minor >= 18).toBe(true);
  });
});
