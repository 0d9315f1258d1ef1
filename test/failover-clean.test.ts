import { afterEach, expect, it } from "vitest";
import { ask, userText } from "./support/ask.ts";
import { startDaemon, type TestDaemon } from "./support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

let daemon: TestDaemon;
let provider: ScriptedProvider;
afterEach(async () => {
  await daemon.close();
  await provider.close();
});

const chunk = (delta: unknown): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;

it("nothing of an answer that broke off gets into the next provider's", async () => {
  let asked = 0;
  provider = await startScriptedProvider((_request, { res }) => {
    if (asked++ > 0) {
      return [
        { type: "text-delta", text: "whole" },
        { type: "finish", reason: "stop" },
      ];
    }
    // A stream nobody asked for, which breaks off in the middle.
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(chunk({ content: "broken " }), () => res.destroy());
    return undefined;
  });
  const up = { protocol: "openai", baseUrl: provider.url, keys: ["sk-a", "sk-b"] };
  daemon = await startDaemon({ providers: { up }, groups: { default: { models: { "*": "up/*" } } } });
  const request = { model: "m", messages: [userText("hi")], stream: false };
  const { status, text } = await ask(daemon.url, "claude", request);
  expect(status).toBe(200);
  expect(asked).toBe(2);
  expect(JSON.parse(text)).toMatchObject({ content: [{ type: "text", text: "whole" }] });
});

it("an answer of which nothing was sent yet fails with a real status, though its events had begun", async () => {
  provider = await startScriptedProvider((_request, { res }) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    const call = { index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"a":' } };
    res.write(chunk({ tool_calls: [call] }), () => res.destroy());
    return undefined;
  });
  const up = { protocol: "openai", baseUrl: provider.url };
  daemon = await startDaemon({ providers: { up }, groups: { default: { models: { "*": "up/*" } } } });
  const tools = [{ name: "f", parameters: { type: "object", properties: { a: { type: "number" } } } }];
  // Ollama's clients get calls whole, so half a call has sent nothing.
  const request = { model: "m", messages: [userText("hi")], tools, stream: true };
  const { status, text } = await ask(daemon.url, "ollama", request);
  expect(status).toBe(502);
  expect(JSON.parse(text)).toHaveProperty("error");
});
