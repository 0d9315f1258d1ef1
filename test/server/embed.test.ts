import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";

interface Batch {
  requests: { model: string; content: { parts: { text?: string }[] } }[];
}
let daemon: TestDaemon | undefined;
let server: Server | undefined;
let batches: Batch[] = [];

/** A Gemini provider that makes a vector of each text's length, and another that speaks OpenAI's protocol. */
async function start(): Promise<void> {
  const made = createServer((req, res) => {
    let text = "";
    req.on("data", (chunk: Buffer) => (text += chunk.toString()));
    req.on("end", () => {
      const body = JSON.parse(text) as Batch;
      batches.push(body);
      const embeddings = body.requests.map(({ content }) => ({
        values: [content.parts[0]?.text?.length ?? 0],
        shape: [1],
      }));
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ embeddings, usageMetadata: { promptTokenCount: embeddings.length } }));
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  daemon = await startDaemon({
    providers: {
      gemini: { protocol: "gemini", baseUrl, keys: ["k"] },
      openai: { protocol: "openai", baseUrl, keys: ["k"] },
    },
    groups: { default: { models: { "o-*": "openai/*", "*": "gemini/real" } } },
  });
}
const post = async (path: string, body: object) => {
  const sent = await fetch(`${daemon?.url}${path}`, {
    method: "POST",
    headers: { "x-goog-api-key": "none" },
    body: JSON.stringify(body),
  });
  return { status: sent.status, body: (await sent.json()) as Record<string, unknown> };
};
afterEach(async () => {
  await daemon?.close();
  server?.closeAllConnections();
  server?.close();
  batches = [];
});

describe("embeddings", () => {
  it("of more texts than a provider takes are made in pieces, in order", async () => {
    await start();
    const input = Array.from({ length: 230 }, (_, index) => "x".repeat(index));
    const { body } = await post("/v1/embeddings", { model: "m", input });
    const data = body.data as { embedding: number[]; index: number }[];
    expect(data.map(({ embedding }) => embedding[0])).toEqual(input.map((text) => text.length));
    expect(data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
    expect(batches.map(({ requests }) => requests.length)).toEqual([100, 100, 30]);
    expect(body.usage).toMatchObject({ prompt_tokens: 230 });
  });

  it("between Gemini's client and provider stay what they are but for the model's name", async () => {
    await start();
    const content = {
      role: "user",
      parts: [{ text: "abc" }, { inlineData: { mimeType: "image/png", data: "AA==" } }],
    };
    const one = await post("/v1beta/models/m:embedContent", { content, taskType: "CLUSTERING" });
    expect(one.body).toEqual({
      embedding: { values: [3], shape: [1] },
      usageMetadata: { promptTokenCount: 1 },
    });
    expect(batches).toEqual([{ requests: [{ model: "models/real", content, taskType: "CLUSTERING" }] }]);
    const requests = [1, 2].map((size) => ({ model: "models/m", content, outputDimensionality: size }));
    const two = await post("/v1beta/models/m:batchEmbedContents", { requests });
    expect(two.body.embeddings).toHaveLength(2);
    expect(batches[1]).toMatchObject({
      requests: [{ outputDimensionality: 1 }, { outputDimensionality: 2 }],
    });
  });

  it("of what only Gemini can embed are refused elsewhere", async () => {
    await start();
    const content = { parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }] };
    const { status, body } = await post("/v1beta/models/o-m:embedContent", { content });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("content.parts[0]");
    expect(batches).toEqual([]);
  });
});
