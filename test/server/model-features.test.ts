import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { adapters } from "../../adapters/index.ts";
import { createModelFeatures, type ModelFeatures, type Target } from "../../server/model-features.ts";
import { createUpstream } from "../../server/upstream.ts";
import { memoryStorage } from "../../storage/index.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import { startFakeOllama, type FakeOllama } from "../support/fake-ollama.ts";

const upstream = createUpstream();
const storage = memoryStorage();
const abilities: Record<string, string[] | undefined> = {
  "gemma3:4b": ["completion", "vision"],
  "qwen3:8b": ["completion", "tools", "thinking"],
};
let ollama: FakeOllama;
let clock: number;
let features: ModelFeatures;

beforeEach(async () => {
  ollama = await startFakeOllama({
    "POST /api/show": (request: { body?: Record<string, unknown> }, res: ServerResponse) => {
      const model = String(request.body?.model);
      if (model === "slow") return;
      res.end(JSON.stringify({ details: {}, capabilities: abilities[model] }));
    },
  });
  clock = 0;
  features = createModelFeatures({ adapters, upstream, storage, now: () => clock });
});
afterEach(() => ollama.close());
afterAll(async () => {
  await upstream.close();
  await storage.close();
});

const target = (model: string, provider: Partial<ProviderConfig> = {}): Target => ({
  providerId: "p",
  provider: { protocol: "ollama", baseUrl: ollama.url, ...provider },
  model,
});
const lacks = async (model: string, provider?: Partial<ProviderConfig>): Promise<string[]> =>
  [...(await features.find(target(model, provider))).lacks].sort();

describe("what an Ollama says", () => {
  it("counts, and is asked for once in ten minutes", async () => {
    expect(await lacks("gemma3:4b")).toEqual(["thinking", "tools"]);
    expect(await lacks("qwen3:8b")).toEqual(["vision"]);
    await Promise.all([lacks("gemma3:4b"), lacks("gemma3:4b"), lacks("qwen3:8b")]);
    expect(ollama.seen).toHaveLength(2);
    clock = 599_999;
    await lacks("gemma3:4b");
    expect(ollama.seen).toHaveLength(2);
    clock = 600_000;
    await lacks("gemma3:4b");
    expect(ollama.seen).toHaveLength(3);
  });

  it("holds requests that come together up with one question", async () => {
    await Promise.all([lacks("gemma3:4b"), lacks("gemma3:4b"), lacks("gemma3:4b")]);
    expect(ollama.seen).toHaveLength(1);
  });

  it("is waited for once and briefly when it does not come", async () => {
    const began = Date.now();
    expect(await lacks("slow")).toEqual([]);
    const first = Date.now() - began;
    expect(first).toBeLessThan(3000);
    expect(await lacks("slow")).toEqual([]);
    expect(Date.now() - began - first).toBeLessThan(500);
    expect(ollama.seen).toHaveLength(1);
  });

  it("does not hold anyone up when it cannot be reached", async () => {
    await ollama.close();
    expect(await lacks("qwen3:8b")).toEqual([]);
    expect(await lacks("llama2:7b")).toEqual(["tools"]);
  });
});

describe("what the name says", () => {
  it.each(["gemma:2b", "gemma2", "gemma3:4b-it-qat", "llama2:13b", "phi3:mini", "phi3.5", "library/llava"])(
    "%s has no tools where an Ollama does not list abilities",
    async (model) => {
      abilities[model] = undefined;
      expect(await lacks(model)).toEqual(["tools"]);
    },
  );

  it.each([
    "gemma4",
    "gemma3n",
    "someone/gemma3-tools",
    "phi4-mini",
    "llama3.1",
    "deepseek-r1:8b",
    "llava-x",
  ])("%s may have", async (model) => expect(await lacks(model)).toEqual([]));

  it("counts for Ollama alone", async () => {
    for (const protocol of ["openai", "openai-responses", "claude", "gemini"])
      expect(await lacks("gemma2", { protocol })).toEqual([]);
    expect(ollama.seen).toEqual([]);
  });
});

describe("what the configuration says", () => {
  it("counts before all else, the closest name first, and asks nobody", async () => {
    const capabilities: ProviderConfig["capabilities"] = {
      "*": ["json"],
      "qwen*": ["tools", "json"],
      "qwen3:8b": ["tools", "vision", "thinking", "json"],
    };
    expect(await lacks("gemma3:4b", { capabilities })).toEqual(["thinking", "tools", "vision"]);
    expect(await lacks("qwen2", { capabilities })).toEqual(["thinking", "vision"]);
    expect(await lacks("qwen3:8b", { capabilities })).toEqual([]);
    expect((await features.find(target("x", { capabilities }))).configured).toBe(true);
    expect(ollama.seen).toEqual([]);
  });

  it("leaves models it does not name to the others", async () => {
    expect(await lacks("gemma3:4b", { capabilities: { "x*": [] } })).toEqual(["thinking", "tools"]);
    expect(await lacks("x1", { capabilities: { "x*": [] } })).toEqual([
      "json",
      "thinking",
      "tools",
      "vision",
    ]);
  });
});
