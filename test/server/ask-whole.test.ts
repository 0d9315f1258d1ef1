import { afterEach, describe, expect, it } from "vitest";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

let daemon: TestDaemon;
let provider: ScriptedProvider;
afterEach(async () => {
  await daemon.close();
  await provider.close();
});

/** Whether the provider was asked for a stream, and what the client of another protocol got. */
async function ask(protocol: string, { askWhole, stream }: { askWhole?: boolean; stream: boolean }) {
  const streams: boolean[] = [];
  provider = await startScriptedProvider((request) => {
    streams.push(request.stream);
    return [
      { type: "start" },
      { type: "text-delta", text: "hello" },
      { type: "finish", reason: "stop", usage: { inputTokens: 5, outputTokens: 2 } },
    ];
  });
  const up = { protocol, baseUrl: provider.url, ...(askWhole !== undefined && { askWhole }) };
  daemon = await startDaemon({ providers: { up }, groups: { default: { models: { "*": "up/*" } } } });
  const response = await fetch(`${daemon.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model: "m", max_tokens: 9, stream, messages: [{ role: "user", content: "hi" }] }),
  });
  return { streams, text: await response.text() };
}

describe.each(["openai", "openai-responses", "gemini", "ollama"])(
  "askWhole of a provider of %s",
  (protocol) => {
    it("has it asked for what the client asked for", async () => {
      const { streams, text } = await ask(protocol, { askWhole: true, stream: false });
      expect(streams).toEqual([false]);
      expect(JSON.parse(text)).toMatchObject({
        content: [{ type: "text", text: "hello" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 5, output_tokens: 2 },
      });
    });

    it("leaves streams alone", async () => {
      const { streams, text } = await ask(protocol, { askWhole: true, stream: true });
      expect(streams).toEqual([true]);
      expect(text).toContain("message_stop");
    });

    it.each([undefined, false])("as %s leaves it asked for a stream", async (askWhole) => {
      const { streams, text } = await ask(protocol, {
        ...(askWhole !== undefined && { askWhole }),
        stream: false,
      });
      expect(streams).toEqual([true]);
      expect(JSON.parse(text)).toMatchObject({ content: [{ type: "text", text: "hello" }] });
    });
  },
);
