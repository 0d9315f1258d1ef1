import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A provider that keeps what it is sent and answers with `status`. */
async function startProvider(status: number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server: Server = createServer((req, res) => {
    void text(req).then((body) => {
      bodies.push(body);
      res.writeHead(status, { "content-type": "application/json" });
      res.end(status === 200 ? JSON.stringify(ANSWER) : "{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(async () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, bodies };
}

const ANSWER = {
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

it.each([
  ["letters of one byte", 'x\\"\n'],
  ["others", "é😀"],
])("goes to one provider after the other under its own name for the model: %s", async (_, piece) => {
  const [first, second] = [await startProvider(503), await startProvider(200)];
  const daemon: TestDaemon = await startDaemon({
    providers: {
      one: { protocol: "openai", baseUrl: first.url },
      two: { protocol: "openai", baseUrl: second.url },
    },
    groups: {
      default: {
        strategy: "priority",
        models: { big: ["one/a-much-longer-name-of-the-model", "two/m"] },
      },
    },
  });
  open.push(() => daemon.close());
  // In several reads, in front and behind the model's name.
  const asked = {
    messages: [{ role: "user", content: piece.repeat(40_000) }],
    model: "big",
    user: piece.repeat(40_000),
  };
  const response = await fetch(`${daemon.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  expect(response.status).toBe(200);
  await response.text();
  expect(JSON.parse(first.bodies[0] ?? "")).toEqual({ ...asked, model: "a-much-longer-name-of-the-model" });
  expect(JSON.parse(second.bodies[0] ?? "")).toEqual({ ...asked, model: "m" });
});

it("keeps tools that come again as they are, whatever stands around them", async () => {
  const provider = await startProvider(200);
  const daemon = await startDaemon({
    providers: { up: { protocol: "openai", baseUrl: provider.url } },
    groups: { default: { models: { big: "up/another-name" } } },
  });
  open.push(() => daemon.close());
  const tools = [
    {
      type: "function",
      function: {
        name: "ask",
        description: "Asks another model. ".repeat(40),
        parameters: { type: "object", properties: { model: { type: "string", default: "big" } } },
      },
    },
  ];
  const messages = [{ role: "user", content: "hi" }];
  for (const body of [
    { model: "big", messages, tools },
    { tools, messages, model: "big" },
    { messages, tools, model: "big" },
    { model: "big", tools, messages, metadata: { model: "big" } },
    { messages, model: "big", tools },
  ]) {
    const response = await fetch(`${daemon.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(provider.bodies.at(-1)).toBe(JSON.stringify({ ...body, model: "another-name" }));
  }
});
