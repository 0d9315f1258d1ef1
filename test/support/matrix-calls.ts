import { expect } from "vitest";
import type { Message, ToolResultPart } from "../../adapters/unified.ts";
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
  weather,
} from "./scenario.ts";
import { CALL_WORDS } from "./wire-words.ts";

/** Scenarios in the unified format about tools: calls, now and in the history, and their results. */
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

const isTold = ({ isError, content }: ToolResultPart): boolean =>
  isError === true || /error|failed/i.test(JSON.stringify(content));

export const CALL_SCENARIOS: Scenario[] = [
  {
    name: "one tool call after text",
    request: { messages: [userText("weather?")], tools: [weather] },
    answer: said(text("I look. "), ...call(0, "get_weather", '{"city":"Par\\"is\'"}')),
    asked({ request }) {
      expect(request.tools?.map((tool) => tool.name)).toEqual(["get_weather"]);
      expect(request.tools?.[0]?.parameters).toMatchObject({ type: "object", required: ["city"] });
    },
    got({ result, text: body }, { client, provider }) {
      // What goes through as it is, keeps the reason that its provider gave.
      if (client !== provider) expect(body).toMatch(CALL_WORDS[client]);
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
    name: "calls without arguments, now and before",
    request: {
      messages: [
        userText("files?"),
        {
          role: "assistant",
          content: [{ type: "tool-call", id: "call_1files00", name: "list_files", args: "{}" }],
        },
        {
          role: "tool",
          content: [{ ...result("call_1files00", "a.txt"), name: "list_files" }],
        },
        userText("and now?"),
      ],
      tools: [noArgs],
    },
    answer: [{ type: "start" }, ...call(0, "list_files", ""), finish("tool-calls")],
    asked({ request }) {
      expect(request.tools).toMatchObject([{ name: "list_files", parameters: { type: "object" } }]);
      expect(askedCalls(request).map(({ name, args }) => [name, JSON.parse(args)])).toEqual([
        ["list_files", {}],
      ]);
      expect(request.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    },
    got({ result }) {
      expect(callsOf(result)).toEqual([{ name: "list_files", args: {} }]);
      expect(result.finishReason).toBe("tool-calls");
    },
  },
  {
    name: "trap 8: text before, between and after calls",
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
    name: "traps 5, 6 and 7: results of parallel calls, one an error",
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
    asked({ request }, { client, provider }) {
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
      // Two protocols have a mark for it, the others say it in words.
      const marks = [client, provider].every((name) => name === "claude" || name === "gemini");
      const [good, bad] = results.map((part) => (marks ? part.isError : isTold(part)));
      expect([good ?? false, bad]).toEqual([false, true]);
    },
    got: ({ result }) => expect(textOf(result)).toBe("21 degrees in Paris."),
  },
  {
    name: "trap 9: a picture in a tool's result",
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
];
