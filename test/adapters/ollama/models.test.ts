import { describe, expect, it } from "vitest";
import { providerModels } from "../../../adapters/ollama/models.ts";
import { writeModel, writeModelList } from "../../../adapters/ollama/write-models.ts";
import { toCall } from "./fixtures.ts";

const call = toCall("show", { job: "manage" });

describe("writeModelList", () => {
  it("shows every key clients read, newest first, with a tag in every name", () => {
    const models = [
      { id: "old", createdAt: 0 },
      {
        id: "vendor/new:free",
        createdAt: Date.UTC(2026, 0, 1),
        digest: "a".repeat(64),
        size: 5,
        contextLength: 4096,
        family: "qwen3",
        parameterSize: "8.0B",
        quantization: "Q4_K_M",
        capabilities: ["completion"],
      },
    ];
    const written = writeModelList(models, call);
    expect(JSON.stringify(written.models[0])).toBe(
      `{"name":"vendor/new:free","model":"vendor/new:free","modified_at":"2026-01-01T00:00:00Z","size":5,"digest":"${"a".repeat(64)}","details":{"parent_model":"","format":"gguf","family":"qwen3","families":["qwen3"],"parameter_size":"8.0B","quantization_level":"Q4_K_M","context_length":4096},"capabilities":["completion"]}`,
    );
    expect(written.models[1]).toMatchObject({
      name: "old:latest",
      model: "old:latest",
      size: 0,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: { family: "ccproxy", parameter_size: "unknown" },
      capabilities: ["completion", "tools"],
    });
    expect(writeModelList([], call)).toEqual({ models: [] });
  });

  it("does not let an embedding model claim to talk", () => {
    expect(writeModelList([{ id: "nomic-embed-text" }], call).models[0]?.capabilities).toEqual(["embedding"]);
  });
});

describe("writeModel", () => {
  it("trap 46: always has model_info, capabilities and the texts, context under the architecture's name", () => {
    const shown = writeModel({ id: "foo", contextLength: 131_072, family: "qwen3" }, call);
    expect(Object.keys(shown)).toEqual([
      "license",
      "modelfile",
      "parameters",
      "template",
      "details",
      "model_info",
      "capabilities",
      "modified_at",
    ]);
    expect(shown.model_info).toEqual({
      "general.architecture": "qwen3",
      "general.basename": "foo",
      "qwen3.context_length": 131_072,
    });
    expect(shown.parameters).toBe("num_ctx                        131072");
    expect(shown.template).toContain("{{ .Prompt }}");
    expect(shown.template).not.toContain(".Suffix");
    expect(shown.details).not.toHaveProperty("context_length");
  });

  it("leaves an unknown context length out", () => {
    expect(writeModel({ id: "foo" }, call)).toMatchObject({
      parameters: "",
      model_info: { "general.architecture": "ccproxy" },
      capabilities: ["completion", "tools"],
    });
    expect(writeModel({ id: "foo", capabilities: ["completion", "insert"] }, call).template).toContain(
      ".Suffix",
    );
  });

  it("tells Copilot the name it asked for", () => {
    const copilot = { ...call, headers: { "user-agent": "GitHubCopilotChat/0.30" } };
    const shown = writeModel({ id: "foo", displayName: "Foo the Great" }, copilot);
    expect(shown.model_info).toMatchObject({ "general.basename": "foo" });
  });
});

describe("a provider's models", () => {
  const details = {
    family: "qwen3",
    parameter_size: "8.0B",
    quantization_level: "Q4_K_M",
    context_length: 40_960,
  };
  const item = {
    name: "qwen3:8b",
    modified_at: "2026-01-01T02:00:00+02:00",
    size: 5,
    digest: "a".repeat(64),
    details,
    capabilities: ["completion", "tools"],
  };

  it("are read from /api/tags, whatever is missing", () => {
    expect(providerModels.parseList({ models: [item, {}, null, { model: "bare" }] })).toEqual([
      {
        id: "qwen3:8b",
        createdAt: Date.UTC(2026, 0, 1),
        contextLength: 40_960,
        capabilities: ["completion", "tools"],
        size: 5,
        digest: "a".repeat(64),
        family: "qwen3",
        parameterSize: "8.0B",
        quantization: "Q4_K_M",
        native: { protocol: "ollama", body: { details } },
      },
      { id: "bare" },
    ]);
    expect(providerModels.parseList({ models: null })).toEqual([]);
  });

  it("keep what tells that they run elsewhere, and how long their vectors are", () => {
    const cloud = {
      model: "gpt-oss:120b-cloud",
      remote_model: "gpt-oss:120b",
      remote_host: "https://ollama.com:443",
      details: { ...details, context_length: 131_072, embedding_length: 2880 },
    };
    const [read] = providerModels.parseList({ models: [cloud] });
    const { models } = writeModelList(read ? [{ ...read, id: "big" }] : [], call);
    expect(Object.keys(models[0] ?? {}).slice(0, 5)).toEqual([
      "name",
      "model",
      "remote_model",
      "remote_host",
      "modified_at",
    ]);
    expect(models[0]).toMatchObject({
      name: "big:latest",
      remote_model: "gpt-oss:120b",
      remote_host: "https://ollama.com:443",
      details: { context_length: 131_072, embedding_length: 2880 },
    });
    const shown = writeModel({ ...(read ?? { id: "" }), id: "big" }, call);
    expect(Object.keys(shown.details as object)).not.toContain("embedding_length");
  });

  it("are described by /api/show, and shown again as they were", () => {
    expect(providerModels.describe?.("qwen3:8b")).toEqual({
      method: "POST",
      path: "/api/show",
      body: { model: "qwen3:8b" },
    });
    const shown = {
      template: "T",
      details,
      model_info: { "general.architecture": "qwen3", "qwen3.context_length": 32_768 },
      capabilities: ["completion", "thinking"],
      tensors: [1, 2, 3],
    };
    const described = providerModels.parseDescription?.(shown, "qwen3:8b");
    expect(described).toMatchObject({
      id: "qwen3:8b",
      contextLength: 32_768,
      capabilities: ["completion", "thinking"],
    });
    const again = writeModel({ ...described, id: "alias" }, call);
    expect(again).toMatchObject({
      template: "T",
      model_info: shown.model_info,
      capabilities: shown.capabilities,
    });
    expect(again).not.toHaveProperty("tensors");
  });
});
