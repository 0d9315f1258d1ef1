import { expect } from "vitest";
import { completeArgs } from "../../adapters/call-args.ts";
import type { Json } from "../../adapters/validate.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import type { ProtocolName } from "./daemon.ts";
import { askedCalls, call, callsOf, finish, partsOf, said, text, textOf, type Scenario } from "./scenario.ts";

/** Scenarios whose requests are written by hand, in each client protocol as its own clients write them. */
const schema = { type: "object", properties: { path: { type: "string" } } };
const IMAGE = "https://example.com/cat.png";
const REMINDER = "<system-reminder>\nNow in French.\n</system-reminder>";

const LONG = `mcp__${"very_long_server_name__".repeat(3)}tool`;
/** Dots, colons, a digit in front, more than 64 characters, and two that are the same once cleaned. */
const ODD_NAMES = ["fs.read.file", "ns::tool", "1st_tool", LONG, "a b", "a_b", "größe"];
/** The same past call in every protocol, by a name that most providers refuse. */
const PAST = "ns::tool";

const oddTools: Record<ProtocolName, Json> = {
  openai: {
    messages: [
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_past", type: "function", function: { name: PAST, arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_past", content: "done" },
    ],
    tools: ODD_NAMES.map((name) => ({ type: "function", function: { name, parameters: schema } })),
  },
  "openai-responses": {
    input: [
      { role: "user", content: "go" },
      { type: "function_call", call_id: "call_past", name: PAST, arguments: "{}" },
      { type: "function_call_output", call_id: "call_past", output: "done" },
    ],
    tools: ODD_NAMES.map((name) => ({ type: "function", name, parameters: schema, strict: false })),
  },
  claude: {
    max_tokens: 100,
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool_use", id: "call_past", name: PAST, input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_past", content: "done" }] },
    ],
    tools: ODD_NAMES.map((name) => ({ name, input_schema: schema })),
  },
  gemini: {
    contents: [
      { role: "user", parts: [{ text: "go" }] },
      { role: "model", parts: [{ functionCall: { name: PAST, args: {} } }] },
      { role: "user", parts: [{ functionResponse: { name: PAST, response: { output: "done" } } }] },
    ],
    tools: [{ functionDeclarations: ODD_NAMES.map((name) => ({ name, parametersJsonSchema: schema })) }],
  },
  ollama: {
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", content: "", tool_calls: [{ function: { name: PAST, arguments: {} } }] },
      { role: "tool", tool_name: PAST, content: "done" },
    ],
    tools: ODD_NAMES.map((name) => ({ type: "function", function: { name, parameters: schema } })),
  },
};

const callAll = ({ tools = [] }: UnifiedRequest): StreamEvent[] => [
  { type: "start" },
  ...tools.flatMap((tool, index) => call(index, tool.name, '{"path":"/"}')),
  finish("tool-calls"),
];

/** What each provider protocol allows. */
const NAMES: Record<ProtocolName, RegExp> = {
  openai: /^[a-zA-Z0-9_-]{1,64}$/,
  "openai-responses": /^[a-zA-Z0-9_-]{1,64}$/,
  claude: /^[a-zA-Z0-9_-]{1,128}$/,
  gemini: /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/,
  ollama: /^.+$/,
};

const midSystem: Record<ProtocolName, Json> = {
  openai: {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "one" },
      { role: "assistant", content: "two" },
      { role: "developer", content: [{ type: "text", text: "Now in French." }] },
      { role: "user", content: "three" },
    ],
  },
  "openai-responses": {
    instructions: "Be brief.",
    input: [
      { role: "user", content: [{ type: "input_text", text: "one" }] },
      { role: "assistant", content: [{ type: "output_text", text: "two" }] },
      { role: "developer", content: [{ type: "input_text", text: "Now in French." }] },
      { role: "user", content: "three" },
    ],
  },
  claude: {
    max_tokens: 100,
    system: [{ type: "text", text: "Be brief." }],
    messages: [
      { role: "user", content: "one" },
      { role: "assistant", content: [{ type: "text", text: "two" }] },
      { role: "system", content: [{ type: "text", text: "Now in French." }] },
      { role: "user", content: [{ type: "text", text: "three" }] },
    ],
  },
  gemini: {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [
      { role: "user", parts: [{ text: "one" }] },
      { role: "model", parts: [{ text: "two" }] },
      { role: "system", parts: [{ text: "Now in French." }] },
      { role: "user", parts: [{ text: "three" }] },
    ],
  },
  ollama: {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "one" },
      { role: "assistant", content: "two" },
      { role: "system", content: "Now in French." },
      { role: "user", content: "three" },
    ],
  },
};

const emptyContent: Record<ProtocolName, Json> = {
  openai: {
    messages: [
      { role: "system", content: "" },
      {
        role: "user",
        content: [
          { type: "text", text: "" },
          { type: "text", text: "one" },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "call_1abcdefgh", type: "function", function: { name: "list_files", arguments: "" } },
        ],
      },
      { role: "tool", tool_call_id: "call_1abcdefgh", content: "" },
      { role: "assistant", content: "", tool_calls: [] },
      { role: "user", content: "go on" },
    ],
  },
  "openai-responses": {
    instructions: "",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "one" },
          { type: "input_text", text: "" },
        ],
      },
      { type: "function_call", call_id: "call_1abcdefgh", name: "list_files", arguments: "" },
      { type: "function_call_output", call_id: "call_1abcdefgh", output: "" },
      { role: "assistant", content: [] },
      { role: "user", content: "go on" },
    ],
  },
  claude: {
    max_tokens: 100,
    system: "",
    messages: [
      { role: "user", content: "one" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "" },
          { type: "tool_use", id: "call_1abcdefgh", name: "list_files", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1abcdefgh" }] },
      { role: "assistant", content: "" },
      { role: "user", content: [{ type: "text", text: "go on" }] },
    ],
  },
  gemini: {
    contents: [
      { role: "user", parts: [{ text: "one" }] },
      { role: "model", parts: [{ text: "" }, { functionCall: { name: "list_files" } }] },
      { role: "user", parts: [{ functionResponse: { name: "list_files", response: {} } }] },
      { role: "model", parts: [] },
      { role: "user", parts: [{ text: "go on" }] },
    ],
  },
  ollama: {
    messages: [
      { role: "system", content: "" },
      { role: "user", content: "one" },
      { role: "assistant", tool_calls: [{ function: { name: "list_files", arguments: {} } }] },
      { role: "tool", content: "", tool_name: "list_files" },
      { role: "assistant", content: "" },
      { role: "user", content: "go on" },
    ],
  },
};

export const BODY_SCENARIOS: Scenario[] = [
  {
    name: "trap 1: system text in the middle of the conversation",
    bodies: midSystem,
    answer: said(text("quatre")),
    asked({ request }, { client, provider }) {
      expect(request.system?.map((part) => part.text)).toEqual(["Be brief."]);
      // Claude and Gemini know no such message but where it came in their own form and goes through as it is.
      const stays = client === provider || (provider !== "claude" && provider !== "gemini");
      const middle = stays
        ? [
            ["system", "Now in French."],
            ["user", "three"],
          ]
        : [["user", `${REMINDER}three`]];
      const turns = request.messages.map((message) => [
        message.role,
        message.content.map((part) => ("text" in part ? part.text : "")).join(""),
      ]);
      expect(turns).toEqual([["user", "one"], ["assistant", "two"], ...middle]);
    },
  },
  {
    name: "trap 10: a picture by its URL",
    bodies: {
      openai: {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what" },
              { type: "image_url", image_url: { url: IMAGE } },
            ],
          },
        ],
      },
      "openai-responses": {
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: "what" },
              { type: "input_image", image_url: IMAGE },
            ],
          },
        ],
      },
      claude: {
        max_tokens: 100,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what" },
              { type: "image", source: { type: "url", url: IMAGE } },
            ],
          },
        ],
      },
      gemini: {
        contents: [
          {
            role: "user",
            parts: [{ text: "what" }, { fileData: { mimeType: "image/png", fileUri: IMAGE } }],
          },
        ],
      },
      // Ollama's clients have bytes only.
    },
    answer: said(text("a cat")),
    asked({ request }, { provider }) {
      const parts = partsOf(request, "user");
      const media = parts.filter((part) => part.type === "media");
      if (provider !== "ollama") expect(media).toMatchObject([{ source: { kind: "url", url: IMAGE } }]);
      else expect(JSON.stringify(parts)).toContain(`[image: ${IMAGE}]`);
    },
    got: ({ warning }, { provider }) => expect(warning.includes("image by URL")).toBe(provider === "ollama"),
  },
  {
    name: "traps 11 and 12: empty and null content",
    bodies: emptyContent,
    answer: [{ type: "start" }, text(""), ...call(0, "list_files", ""), finish("tool-calls")],
    asked({ request, text: body }, { client, provider }) {
      const calls = askedCalls(request).map(({ name, args }) => [name, completeArgs(args)]);
      expect(calls).toEqual([["list_files", "{}"]]);
      const results = partsOf(request, "tool");
      expect(results.map((part) => part.id)).toEqual([askedCalls(request)[0]?.id]);
      expect(
        results.flatMap((part) => part.content).every((part) => "text" in part && part.text === ""),
      ).toBe(true);
      const users = partsOf(request, "user").flatMap((part) =>
        "text" in part && part.text !== "" ? [part.text] : [],
      );
      expect(users).toEqual(["one", "go on"]);
      // "text content blocks must be non-empty"; null `tool_calls` and empty ones are refused as well.
      if (client !== provider) expect(body).not.toMatch(/"text":""|"tool_calls":(?:\[\]|null)/);
    },
    got: ({ result }) =>
      expect([textOf(result), callsOf(result)]).toEqual(["", [{ name: "list_files", args: {} }]]),
  },
  {
    name: "trap 17: tools with odd names, there and back",
    bodies: oddTools,
    answer: callAll,
    asked({ request }, { client, provider }) {
      const names = request.tools?.map((tool) => tool.name) ?? [];
      expect(new Set(names).size).toBe(ODD_NAMES.length);
      const past = names[ODD_NAMES.indexOf(PAST)];
      expect([...askedCalls(request), ...partsOf(request, "tool")].map((part) => part.name)).toEqual([
        past,
        past,
      ]);
      if (client === provider) return expect(names).toEqual(ODD_NAMES);
      for (const name of names) expect(name).toMatch(NAMES[provider]);
    },
    got: ({ result }) =>
      expect(callsOf(result)).toEqual(ODD_NAMES.map((name) => ({ name, args: { path: "/" } }))),
  },
];
