import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI, type GenerateContentResponse } from "@google/genai";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapters } from "../../adapters/index.ts";
import { foldEvents } from "../../adapters/fold.ts";
import {
  perProtocol,
  PROTOCOLS,
  startDaemon,
  type ProtocolName,
  type TestDaemon,
} from "../support/daemon.ts";
import { FRAME_SCENARIOS } from "../support/matrix-frames.ts";
import { SCENARIOS } from "../support/matrix-scenarios.ts";
import { callsOf, noArgs, textOf, weather, type Scenario } from "../support/scenario.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "../support/scripted-provider.ts";
import { collect } from "../support/sdk-daemon.ts";

/**
 * Every stream of the matrix, put together by the official SDK of its client: it must come to the same as the whole
 * answer does, and to what the provider said. None of our own readers is asked.
 */
let provider: ScriptedProvider;
let daemon: TestDaemon;
let playing: Scenario;

const script: Script = (request, { res, face }) => {
  const protocol = adapters.find(({ client }) => client === face)?.protocol as ProtocolName;
  const frame = playing.frames?.[protocol];
  const { answer = [] } = playing;
  if (!frame) return typeof answer === "function" ? answer(request) : answer;
  const [type, body] = request.stream
    ? [protocol === "ollama" ? "application/x-ndjson" : "text/event-stream", frame.stream]
    : ["application/json", JSON.stringify(frame.whole)];
  res.writeHead(200, { "content-type": type }).end(body);
  return undefined;
};

beforeAll(async () => {
  provider = await startScriptedProvider(script);
  daemon = await startDaemon(perProtocol(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

/** What an SDK's user has in hands at the end. */
interface Said {
  text: string;
  thinking: string;
  calls: { name: string | undefined; args: unknown }[];
  reason: unknown;
  /** As the protocol counts. */
  counts: unknown;
}
type Ask = (base: string, stream: boolean) => Promise<Said>;

const model = "model-a";
const tools = [weather, noArgs];
const join = (texts: (string | null | undefined)[]): string => texts.map((text) => text ?? "").join("");

const chat: Ask = async (base, stream) => {
  const { chat } = new OpenAI({ baseURL: `${base}/v1`, apiKey: "none", maxRetries: 0 });
  const body = {
    model,
    messages: [{ role: "user" as const, content: "hi" }],
    tools: tools.map(({ name, parameters }) => ({
      type: "function" as const,
      function: { name, parameters },
    })),
    reasoning_effort: "high" as const,
  };
  const helper = stream
    ? chat.completions.stream({ ...body, stream_options: { include_usage: true } })
    : undefined;
  let thinking = "";
  // The SDK knows no thoughts: of a field that is new to it it keeps the last piece.
  helper?.on("chunk", ({ choices }) => (thinking += thoughtOf(choices[0]?.delta)));
  const done = helper ? await helper.finalChatCompletion() : await chat.completions.create(body);
  const [choice] = done.choices;
  if (!helper) thinking = thoughtOf(choice?.message);
  return {
    text: choice?.message.content ?? "",
    thinking,
    calls: (choice?.message.tool_calls ?? []).map((call) =>
      call.type === "function"
        ? { name: call.function.name, args: JSON.parse(call.function.arguments) as unknown }
        : { name: call.custom.name, args: call.custom.input },
    ),
    reason: choice?.finish_reason,
    counts: done.usage,
  };
};
const thoughtOf = (delta: unknown): string =>
  (delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? "";

const responses: Ask = async (base, stream) => {
  const { responses } = new OpenAI({ baseURL: `${base}/v1`, apiKey: "none", maxRetries: 0 });
  const body = {
    model,
    input: "hi",
    tools: tools.map(({ name, parameters }) => ({
      type: "function" as const,
      name,
      parameters,
      strict: false,
    })),
    reasoning: { effort: "high" as const, summary: "auto" as const },
  };
  const done = stream ? await responses.stream(body).finalResponse() : await responses.create(body);
  return {
    text: done.output_text,
    thinking: join(
      done.output.flatMap((item) => (item.type === "reasoning" ? item.summary.map(({ text }) => text) : [])),
    ),
    calls: done.output.flatMap((item) =>
      item.type === "function_call" ? [{ name: item.name, args: JSON.parse(item.arguments) as unknown }] : [],
    ),
    reason: [done.status, done.incomplete_details?.reason],
    counts: done.usage,
  };
};

const messages: Ask = async (base, stream) => {
  const { messages } = new Anthropic({ baseURL: base, apiKey: "none", maxRetries: 0 });
  const body = {
    model,
    max_tokens: 50_000,
    messages: [{ role: "user" as const, content: "hi" }],
    tools: tools.map(({ name, parameters }) => ({
      name,
      input_schema: parameters as Anthropic.Tool.InputSchema,
    })),
    thinking: { type: "enabled" as const, budget_tokens: 2000 },
  };
  // Without `stream` the SDK refuses what may take longer than ten minutes.
  const done = stream
    ? await messages.stream(body).finalMessage()
    : await messages.create({ ...body, stream: false }, { timeout: 10_000 });
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = done.usage;
  return {
    text: join(done.content.map((block) => (block.type === "text" ? block.text : ""))),
    thinking: join(done.content.map((block) => (block.type === "thinking" ? block.thinking : ""))),
    calls: done.content.flatMap((block) =>
      block.type === "tool_use" ? [{ name: block.name, args: block.input }] : [],
    ),
    reason: [done.stop_reason, done.stop_sequence],
    counts: [input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens],
  };
};

const contents: Ask = async (base, stream) => {
  const { models } = new GoogleGenAI({
    apiKey: "none",
    httpOptions: { baseUrl: base, retryOptions: { attempts: 1 } },
  });
  const body = {
    model,
    contents: "hi",
    config: {
      maxOutputTokens: 50_000,
      thinkingConfig: { includeThoughts: true },
      tools: [
        {
          functionDeclarations: tools.map(({ name, parameters }) => ({
            name,
            parametersJsonSchema: parameters,
          })),
        },
      ],
    },
  };
  const chunks: GenerateContentResponse[] = stream
    ? await collect(models.generateContentStream(body))
    : [await models.generateContent(body)];
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const last = chunks.at(-1);
  return {
    text: join(parts.map((part) => (part.thought ? "" : part.text))),
    thinking: join(parts.map((part) => (part.thought ? part.text : ""))),
    calls: chunks
      .flatMap(({ functionCalls }) => functionCalls ?? [])
      .map(({ name, args }) => ({ name, args })),
    reason: last?.candidates?.[0]?.finishReason,
    counts: last?.usageMetadata,
  };
};

const ollama: Ask = async (base, stream) => {
  const client = new Ollama({ host: base });
  const body = {
    model,
    messages: [{ role: "user", content: "hi" }],
    tools: tools.map(({ name, description = "", parameters }) => ({
      type: "function" as const,
      function: { name, description, parameters },
    })),
    think: true,
  };
  const lines = stream
    ? await collect(client.chat({ ...body, stream: true as const }))
    : [await client.chat({ ...body, stream: false as const })];
  const { done_reason, prompt_eval_count, eval_count } = lines.at(-1) ?? {};
  return {
    text: join(lines.map(({ message }) => message.content)),
    thinking: join(lines.map(({ message }) => message.thinking)),
    calls: lines
      .flatMap(({ message }) => message.tool_calls ?? [])
      .map((call) => ({ name: call.function.name, args: call.function.arguments })),
    reason: done_reason,
    counts: [prompt_eval_count, eval_count],
  };
};

const generate: Ask = async (base, stream) => {
  const client = new Ollama({ host: base });
  const body = { model, prompt: "hi", think: true };
  const lines = stream
    ? await collect(client.generate({ ...body, stream: true as const }))
    : [await client.generate({ ...body, stream: false as const })];
  const { done_reason, prompt_eval_count, eval_count } = lines.at(-1) ?? {};
  return {
    text: join(lines.map(({ response }) => response)),
    thinking: join(lines.map(({ thinking }) => thinking)),
    calls: [],
    reason: done_reason,
    counts: [prompt_eval_count, eval_count],
  };
};

const SDKS: [name: string, client: ProtocolName, ask: Ask][] = [
  ["openai's chat.completions.stream", "openai", chat],
  ["openai's responses.stream", "openai-responses", responses],
  ["Anthropic's messages.stream", "claude", messages],
  ["Google's generateContentStream", "gemini", contents],
  ["Ollama's chat", "ollama", ollama],
  ["Ollama's generate", "ollama", generate],
];

/** One of each answer, and the odd servers' streams. */
const ANSWERS = [
  ...new Map(SCENARIOS.map((scenario) => [JSON.stringify(scenario.answer), scenario])).values(),
].filter(({ answer }) => Array.isArray(answer));
const ODD = FRAME_SCENARIOS.filter(({ quirks }) => !quirks);

describe.each(SDKS)("%s", (_name, client, ask) => {
  describe.each(PROTOCOLS)("over a %s provider", (target) => {
    it.each(ANSWERS.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
      playing = scenario;
      const base = `${daemon.url}/${target}`;
      const [streamed, whole] = [await ask(base, true), await ask(base, false)];
      expect(streamed).toEqual(whole);
      const meant = foldEvents(Array.isArray(scenario.answer) ? scenario.answer : []);
      const thoughts = meant.content.map((part) => (part.type === "thinking" ? part.text : "")).join("");
      expect(streamed.text.replaceAll(/\s+/g, " ").trim()).toBe(textOf(meant).replaceAll(/\s+/g, " ").trim());
      expect(streamed.thinking).toBe(thoughts);
      // A prompt has no tools: what a model calls all the same is not for its client.
      if (ask !== generate) expect(streamed.calls).toEqual(callsOf(meant));
      expect(streamed.reason).not.toBeUndefined();
      expect(JSON.stringify(streamed.counts)).toMatch(/[1-9]/);
    });

    // What goes through as it is stays as odd as it is.
    const odd = client === target ? [] : ODD.filter(({ frames }) => frames?.[target]);
    it.each(odd.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
      playing = scenario;
      const base = `${daemon.url}/${target}`;
      const streamed = await ask(base, true);
      const calls = streamed.calls.map(({ args }) => args);
      const texts = ["Hi there", ""];
      expect(texts).toContain(streamed.text.trim());
      if (ask !== generate) {
        const cities = streamed.text === "" ? [{ city: "Paris" }, { city: "Rome" }] : [{ city: "Paris" }];
        expect(calls).toEqual(cities);
      }
      if (scenario.frames?.[target]?.whole === undefined) return;
      expect(await ask(base, false)).toEqual(streamed);
    });
  });
});
