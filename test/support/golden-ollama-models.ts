import { startDaemon, type TestDaemon } from "./daemon.ts";
import { startFakeOllama, type FakeAnswer, type FakeOllama } from "./fake-ollama.ts";
import { send, type Sent } from "./send.ts";

export const details = {
  parent_model: "",
  format: "safetensors",
  family: "qwen3",
  families: null,
  parameter_size: "8.0B",
  quantization_level: "Q4_K_M",
  context_length: 40_960,
};
/** What the Ollama shows of `qwen3:8b`. */
export const shown = {
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

/** Starts the daemon: groups of aliases with an Ollama, and something that is none, behind them. */
export async function startModels(): Promise<void> {
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
      told: {
        protocol: "openai",
        baseUrl: ollama.url,
        capabilities: { "*": ["vision", "json"], known: ["tools", "thinking"] },
        contextLength: { "p*": 100_000, known: 9000 },
      },
      "told-ollama": {
        protocol: "ollama",
        baseUrl: ollama.url,
        capabilities: { "qwen3*": ["tools", "thinking"] },
        contextLength: { "*": 16_384 },
      },
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
      configured: {
        tools: "native",
        models: {
          seer: "told/plain",
          thinker: "told/known",
          "some-embedder": "told/text-embedding-3",
          fast: "told-ollama/qwen3:8b",
        },
      },
      empty: { models: {} },
    },
  });
}

export async function stopModels(): Promise<void> {
  await daemon.close();
  await ollama.close();
}

export const ask = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Sent> => send(method, daemon.url + path, body, headers);
export const aliases = (): string[] =>
  Object.keys(daemon.storage.config.current.groups.default?.models ?? {});

/** An item of `/api/tags`. */
export interface Item {
  name: string;
  model: string;
  modified_at: string;
  size: number;
  digest: string;
  details: Record<string, unknown>;
  capabilities: string[];
}
/** An answer of `/api/show`. */
export interface Shown {
  license: string;
  modelfile: string;
  parameters: string;
  template: string;
  details: Record<string, unknown>;
  model_info: Record<string, unknown>;
  capabilities: string[];
  modified_at: string;
}
