import { expect } from "vitest";
import { userText } from "./ask.ts";
import { CALL_SCENARIOS } from "./matrix-calls.ts";
import {
  finish,
  noArgs,
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
import { COUNTED, countsOf, FILTER_WORDS, LENGTH_WORDS } from "./wire-words.ts";

/** Scenarios in the unified format: each protocol writes the request and the answer in its own way. */
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
    name: "pictures between texts, in their order",
    request: {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "before" },
            { type: "media", mimeType: "image/png", source: { kind: "base64", data: PNG } },
            { type: "text", text: "between" },
            { type: "media", mimeType: "image/jpeg", source: { kind: "base64", data: "/9j/4AAQ" } },
            { type: "text", text: "after" },
          ],
        },
        { role: "assistant", content: [{ type: "text", text: "two" }] },
        userText("and now without"),
      ],
    },
    answer: said(text("none")),
    asked({ request, text: body }, { client, provider }) {
      const parts = partsOf(request, "user");
      const media = parts.filter((part) => part.type === "media");
      expect(media.map((part) => [part.mimeType, "data" in part.source && part.source.data])).toEqual([
        ["image/png", PNG],
        ["image/jpeg", "/9j/4AAQ"],
      ]);
      expect(body.split(PNG)).toHaveLength(2);
      expect(parts.flatMap((part) => ("text" in part ? part.text.split("\n\n") : []))).toEqual([
        "before",
        "between",
        "after",
        "and now without",
      ]);
      // Ollama has one text and a list of pictures.
      if (client === "ollama" || provider === "ollama") return;
      expect(parts.map((part) => part.type)).toEqual(["text", "media", "text", "media", "text", "text"]);
    },
    got: ({ result }) => expect(textOf(result)).toBe("none"),
  },
  ...CALL_SCENARIOS,
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
    asked: ({ request }) => expect(request.sampling?.maxTokens).toBe(16),
    got({ result, text: body }, { client }) {
      expect(result.finishReason).toBe("length");
      expect(textOf(result)).toBe("half an ans");
      expect(body).toMatch(LENGTH_WORDS[client]);
    },
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
    got({ result, text: body }, { client, provider }) {
      // Ollama has no word for it.
      const unsaid = client === "ollama" || provider === "ollama";
      expect(result.finishReason).toBe(unsaid ? "stop" : "content-filter");
      expect(textOf(result)).toBe("half");
      expect(body).toMatch(unsaid ? /./ : FILTER_WORDS[client]);
    },
  },
  {
    name: "trap 36: cached, thought and written tokens",
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
    got({ result: { usage: counts }, text: body }, { client, provider }) {
      expect(countsOf(body, client)).toEqual(COUNTED[client](provider));
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
