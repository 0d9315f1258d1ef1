import { expect } from "vitest";
import type { Message } from "../../adapters/unified.ts";
import { userText } from "./ask.ts";
import {
  askedCalls,
  call,
  callsOf,
  finish,
  noArgs,
  ordered,
  partsOf,
  PNG,
  said,
  type Scenario,
  text,
  textOf,
  thought,
  usage,
  userTexts,
  weather,
} from "./scenario.ts";

/** Scenarios in the unified format: each protocol writes the request and the answer in its own way. */
const paris: Message = {
  role: "assistant",
  content: [
    { type: "text", text: "Looking." },
    { type: "tool-call", id: "call_1paris00", name: "get_weather", args: '{"city":"Paris"}' },
    { type: "tool-call", id: "call_2rome000", name: "get_weather", args: '{"city":"Rome"}' },
  ],
};
const result = (id: string, value: string) => ({
  type: "tool-result" as const,
  id,
  name: "get_weather",
  content: [{ type: "text" as const, text: value }],
});

export const SCENARIOS: Scenario[] = [
  {
    name: "text, system prompt and sampling",
    request: {
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        userText("hi"),
        { role: "assistant", content: [{ type: "text", text: "hello" }] },
        userText("Grüße 🌍?"),
      ],
      sampling: { temperature: 0.5, topP: 0.9, maxTokens: 321 },
    },
    answer: said(text("Grüße "), text("🌍"), text(' "quoted"\n')),
    asked({ request }) {
      expect(JSON.stringify(request.system)).toContain("Be brief.");
      expect(request.messages).toHaveLength(3);
      expect(userTexts(request)).toContain("Grüße 🌍?");
      expect(request.sampling).toMatchObject({ maxTokens: 321, temperature: 0.5 });
    },
    got({ result }) {
      expect(textOf(result)).toBe('Grüße 🌍 "quoted"\n');
      expect(result.finishReason).toBe("stop");
      expect(result.usage).toMatchObject(usage);
    },
  },
  {
    name: "an image",
    request: {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is this" },
            { type: "media", mimeType: "image/png", source: { kind: "base64", data: PNG } },
          ],
        },
      ],
    },
    answer: said(text("a pixel")),
    asked({ request }) {
      const media = partsOf(request, "user").filter((part) => part.type === "media");
      expect(media).toMatchObject([{ mimeType: "image/png", source: { kind: "base64", data: PNG } }]);
    },
    got: ({ result }) => expect(textOf(result)).toBe("a pixel"),
  },
  {
    name: "one tool call after text",
    request: { messages: [userText("weather?")], tools: [weather] },
    answer: said(text("I look. "), ...call(0, "get_weather", '{"city":"Par\\"is\'"}')),
    asked({ request }) {
      expect(request.tools?.map((tool) => tool.name)).toEqual(["get_weather"]);
      expect(request.tools?.[0]?.parameters).toMatchObject({ type: "object", required: ["city"] });
    },
    got({ result }) {
      expect(textOf(result).trim()).toBe("I look.");
      expect(callsOf(result)).toEqual([{ name: "get_weather", args: { city: "Par\"is'" } }]);
      expect(result.finishReason).toBe("tool-calls");
    },
  },
  {
    name: "parallel tool calls, interleaved",
    request: { messages: [userText("weather?")], tools: [weather] },
    answer: [
      { type: "start" },
      { type: "tool-start", index: 0, id: "call_0aaaaaaa", name: "get_weather" },
      { type: "tool-start", index: 1, id: "call_1bbbbbbb", name: "get_weather" },
      { type: "tool-delta", index: 0, json: '{"city":' },
      { type: "tool-delta", index: 1, json: '{"city":"Ro' },
      { type: "tool-delta", index: 0, json: '"Paris"}' },
      { type: "tool-delta", index: 1, json: 'me"}' },
      finish("tool-calls"),
    ],
    got({ result }) {
      expect(callsOf(result)).toEqual([
        { name: "get_weather", args: { city: "Paris" } },
        { name: "get_weather", args: { city: "Rome" } },
      ]);
      const ids = result.content.flatMap((part) => (part.type === "tool-call" ? [part.id] : []));
      expect(new Set(ids).size).toBe(2);
    },
  },
  {
    name: "a call without arguments",
    request: { messages: [userText("files?")], tools: [noArgs] },
    answer: [{ type: "start" }, ...call(0, "list_files", ""), finish("tool-calls")],
    got: ({ result }) => expect(callsOf(result)).toEqual([{ name: "list_files", args: {} }]),
  },
  {
    name: "text before, between and after calls",
    request: {
      messages: [
        userText("weather in Paris and Rome?"),
        {
          role: "assistant",
          content: [
            { type: "text", text: "First." },
            { type: "tool-call", id: "call_1paris00", name: "get_weather", args: '{"city":"Paris"}' },
            { type: "text", text: "Then." },
            { type: "tool-call", id: "call_2rome000", name: "get_weather", args: '{"city":"Rome"}' },
            { type: "text", text: "Last." },
          ],
        },
        { role: "tool", content: [result("call_1paris00", "21"), result("call_2rome000", "25")] },
        userText("and now?"),
      ],
      tools: [weather],
    },
    answer: [
      { type: "start" },
      text("One. "),
      ...call(0, "get_weather", '{"city":"Oslo"}'),
      text("Two. "),
      ...call(1, "get_weather", '{"city":"Bonn"}'),
      text("Three."),
      finish("tool-calls"),
    ],
    asked({ request }, { client, provider }) {
      const parts = partsOf(request, "assistant");
      const words = parts.flatMap((part) => (part.type === "text" ? part.text.split(/\s+/) : []));
      expect(words).toEqual(["First.", "Then.", "Last."]);
      expect(askedCalls(request).map((part) => JSON.parse(part.args) as unknown)).toEqual([
        { city: "Paris" },
        { city: "Rome" },
      ]);
      const results = partsOf(request, "tool").map((part) => part.content[0]);
      expect(results).toMatchObject([{ text: "21" }, { text: "25" }]);
      if (!ordered.has(client) || !ordered.has(provider)) return;
      expect(parts.map((part) => part.type)).toEqual(["text", "tool-call", "text", "tool-call", "text"]);
    },
    got({ result }, { client, provider }) {
      expect(textOf(result)).toBe("One. Two. Three.");
      expect(callsOf(result).map(({ args }) => args)).toEqual([{ city: "Oslo" }, { city: "Bonn" }]);
      expect(result.finishReason).toBe("tool-calls");
      if (!ordered.has(client) || !ordered.has(provider)) return;
      const kinds = result.content.map((part) => part.type);
      expect(kinds).toEqual(["text", "tool-call", "text", "tool-call", "text"]);
    },
  },
  {
    name: "results of parallel calls, one an error",
    request: {
      messages: [
        userText("weather in Paris and Rome?"),
        paris,
        {
          role: "tool",
          content: [
            result("call_1paris00", "21 degrees <b>&"),
            { ...result("call_2rome000", "no such city"), isError: true },
          ],
        },
      ],
      tools: [weather],
    },
    answer: said(text("21 degrees in Paris.")),
    asked({ request }) {
      const results = partsOf(request, "tool");
      const calls = askedCalls(request);
      expect(calls.map((part) => part.args.replaceAll(" ", ""))).toEqual([
        '{"city":"Paris"}',
        '{"city":"Rome"}',
      ]);
      expect(results.map((part) => part.name)).toEqual(["get_weather", "get_weather"]);
      expect(results.map((part) => part.id)).toEqual(calls.map((part) => part.id));
      expect(JSON.stringify(results[0]?.content)).toContain("21 degrees <b>&");
      expect(JSON.stringify(results[1]?.content)).toContain("no such city");
    },
    got: ({ result }) => expect(textOf(result)).toBe("21 degrees in Paris."),
  },
  {
    name: "a picture in a tool's result",
    request: {
      messages: [
        userText("weather in Paris and Rome?"),
        paris,
        {
          role: "tool",
          content: [
            {
              ...result("call_1paris00", "see the map"),
              content: [
                { type: "text", text: "see the map" },
                { type: "media", mimeType: "image/png", source: { kind: "base64", data: PNG } },
              ],
            },
            result("call_2rome000", "25"),
          ],
        },
      ],
      tools: [weather],
    },
    answer: said(text("Sunny.")),
    asked({ request, text: body }, { client, provider }) {
      const results = partsOf(request, "tool");
      expect(results.map((part) => part.id)).toEqual(askedCalls(request).map((part) => part.id));
      expect(JSON.stringify(results[0]?.content)).toContain("see the map");
      expect(body.split(PNG)).toHaveLength(2);
      // Elsewhere it is shown by the user, behind all results.
      const inside = [client, provider].every((name) => name === "claude" || name === "openai-responses");
      const holder = inside ? results.flatMap((part) => part.content) : partsOf(request, "user");
      expect(holder.filter((part) => part.type === "media")).toHaveLength(1);
    },
  },
  {
    name: "thinking",
    request: {
      messages: [userText("think")],
      thinking: { mode: "on", effort: "high" },
      sampling: { maxTokens: 50_000 },
    },
    answer: said(thought("Let me "), thought("see."), text("Done.")),
    asked: ({ request }) => expect(request.thinking).toMatchObject({ mode: "on" }),
    got({ result }) {
      expect(result.content.map((part) => part.type)).toEqual(["thinking", "text"]);
      expect(result.content[0]).toMatchObject({ type: "thinking", text: "Let me see." });
      expect(textOf(result)).toBe("Done.");
    },
  },
  {
    name: "output held to a JSON schema",
    request: {
      messages: [userText("a person")],
      output: {
        type: "json-schema",
        name: "person",
        schema: {
          type: "object",
          properties: { name: { type: "string" } },
          required: ["name"],
          additionalProperties: false,
        },
      },
    },
    answer: said(text('{"name":"Ada"}')),
    asked({ request }) {
      expect(request.output).toMatchObject({ type: "json-schema" });
      expect(JSON.stringify(request.output)).toContain('"name"');
    },
    got: ({ result }) => expect(JSON.parse(textOf(result))).toEqual({ name: "Ada" }),
  },
  {
    name: "an answer cut at the token limit",
    request: { messages: [userText("long")], sampling: { maxTokens: 16 } },
    answer: [{ type: "start" }, text("half an ans"), finish("length")],
    got: ({ result }) => expect(result).toMatchObject({ finishReason: "length" }),
  },
  {
    name: "an empty answer",
    request: { messages: [userText("say nothing")] },
    answer: [{ type: "start" }, finish()],
    got({ result }) {
      expect(textOf(result)).toBe("");
      expect(result.finishReason).toBe("stop");
    },
  },
  {
    name: "a stop sequence",
    request: { messages: [userText("count")], sampling: { stop: ["###"], maxTokens: 99 } },
    answer: [{ type: "start" }, text("one"), { type: "finish", reason: "stop", usage, stopSequence: "###" }],
    asked({ request }, { client, provider }) {
      // Responses has no field for it, as a client or as a provider.
      const lost = client === "openai-responses" || provider === "openai-responses";
      expect(request.sampling?.stop).toEqual(lost ? undefined : ["###"]);
    },
    got({ result, warning }, { client, provider }) {
      expect(result.finishReason).toBe("stop");
      if (client === "claude" && provider === "claude") expect(result.stopSequence).toBe("###");
      const told = provider === "openai-responses" && client !== "openai-responses";
      expect(warning.includes("stop sequences")).toBe(told);
    },
  },
  {
    name: "an answer held back by the content filter",
    request: { messages: [userText("something bad")] },
    answer: [{ type: "start" }, text("half"), finish("content-filter")],
    got({ result }, { client, provider }) {
      // Ollama has no word for it.
      const unsaid = client === "ollama" || provider === "ollama";
      expect(result.finishReason).toBe(unsaid ? "stop" : "content-filter");
      expect(textOf(result)).toBe("half");
    },
  },
  {
    name: "cached, thought and written tokens",
    request: { messages: [userText("count")] },
    answer: [
      { type: "start" },
      text("one"),
      finish("stop", {
        inputTokens: 100,
        outputTokens: 50,
        cachedTokens: 60,
        cacheWriteTokens: 10,
        reasoningTokens: 20,
      }),
    ],
    got({ result: { usage: counts } }, { client, provider }) {
      expect(counts).toMatchObject({ inputTokens: 100, outputTokens: 50 });
      if (client === "ollama" || provider === "ollama") return;
      expect(counts).toMatchObject({ cachedTokens: 60, reasoningTokens: 20 });
      // Gemini bills the writing of its cache apart.
      if (client !== "gemini" && provider !== "gemini") expect(counts?.cacheWriteTokens).toBe(10);
    },
  },
  ...(["auto", "none", "required", { name: "get_weather" }] as const).map((toolChoice): Scenario => ({
    name: `tool choice ${JSON.stringify(toolChoice)}`,
    request: { messages: [userText("weather?")], tools: [weather, noArgs], toolChoice },
    answer: said(text("ok")),
    asked({ request }, { client, provider }) {
      const isOllama = client === "ollama" || provider === "ollama";
      expect(request.toolChoice).toEqual(isOllama ? undefined : toolChoice);
      // Ollama cannot be told not to call what it knows.
      expect(request.tools?.length).toBe(isOllama && toolChoice === "none" ? undefined : 2);
    },
    got({ warning }, { client, provider }) {
      const isLost = toolChoice === "required" || typeof toolChoice === "object";
      const told = isLost && provider === "ollama" && client !== "ollama";
      expect(warning.includes("tool_choice")).toBe(told);
    },
  })),
  {
    name: "at most one call at a time",
    request: { messages: [userText("weather?")], tools: [weather], parallelTools: false },
    answer: said(text("ok")),
    asked({ request }, pair) {
      const lost = [pair.client, pair.provider].some((name) => name === "gemini" || name === "ollama");
      expect(request.parallelTools).toBe(lost ? undefined : false);
    },
    got({ warning }, { client, provider }) {
      const knows = client !== "gemini" && client !== "ollama";
      expect(warning.includes("parallel")).toBe(knows && (provider === "gemini" || provider === "ollama"));
    },
  },
];
