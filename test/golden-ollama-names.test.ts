import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError, get, JSON_TYPE, post, startGolden, stopGolden } from "./support/golden-ollama.ts";
import type { Sent } from "./support/send.ts";

/** Names of models as Ollama reads them: with places and sources, and what it says of those that are none. */

beforeAll(startGolden);
afterAll(stopGolden);

const routes: [path: string, more: object][] = [
  ["/api/chat", { messages: [{ role: "user", content: "hi" }], stream: false }],
  ["/api/chat", {}],
  ["/api/generate", { prompt: "hi", stream: false }],
  ["/api/generate", { keep_alive: 0 }],
  ["/api/embed", { input: "a" }],
  ["/api/embeddings", { prompt: "a" }],
];
const ask = (path: string, model: string, more: object): Promise<Sent> => post(path, { model, ...more });

describe.each(routes)("%s %j", (path, more) => {
  it.each(["no:cloud", "no:20b-cloud", "no:20b:Cloud", "ns/no:CLOUD", " no:cloud "])(
    "%j is a model of the cloud, which is switched off",
    (name) =>
      expectError(ask(path, name, more), 403, "ollama cloud is disabled: remote model is unavailable"),
  );

  it.each(["no:cloud:local", "no:local:cloud", "no:20b-cloud:local", "qwen3:8b:local:cloud"])(
    "%j names two sources",
    (name) => expectError(ask(path, name, more), 400, `use either :local or :cloud, not both: "${name}"`),
  );

  it.each(["a b", "..", "a:", ":b", "-a", "a//b", "ä", "x".repeat(81), "a\u0000"])("%j is no name", (name) =>
    expectError(ask(path, name, more), 400, "invalid model name"),
  );

  it.each(["no", "no:7b", "no:7b:local", "hf.co/ns/repo:Q4", "registry.ollama.ai/library/no"])(
    "%j is a name, of no model",
    async (name) => {
      const sent = await ask(path, name, more);
      const { error } = JSON.parse(sent.text) as { error: string };
      const words = path.startsWith("/api/embed")
        ? `model "${name}" not found, try pulling it first`
        : `model '${name}' not found`;
      expect([sent.status, error.slice(0, words.length)]).toEqual([404, words]);
      expect(sent.headers["content-type"]).toBe(JSON_TYPE);
    },
  );
});

describe("an alias is found", () => {
  it.each([
    "qwen3:8b",
    "QWEN3:8B",
    "qwen3:8b:local",
    "registry.ollama.ai/library/qwen3:8b",
    "Registry.Ollama.AI/library/qwen3:8b:LOCAL",
  ])("as %s, which is echoed", async (name) => {
    const body = { model: name, messages: [{ role: "user", content: "hi" }], stream: false };
    const { status, text } = await post("/api/chat", body);
    expect([status, (JSON.parse(text) as { model: string }).model]).toEqual([200, name]);
    expect((await post("/api/show", { name })).status).toBe(200);
  });

  it.each(["emb", "emb:latest", "emb:local", "emb:latest:local", "registry.ollama.ai/library/emb:latest"])(
    "%s with or without its tag",
    async (name) => {
      expect((await post("/api/embed", { model: name, input: "a" })).status).toBe(200);
    },
  );

  it("and listed with one", async () => {
    const { models } = JSON.parse((await get("/api/tags")).text) as { models: { name: string }[] };
    expect(models.map(({ name }) => name).sort()).toEqual(["claude:latest", "emb:latest", "qwen3:8b"]);
  });
});
