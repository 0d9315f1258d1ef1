import { MODEL } from "./wire.mjs";

/**
 * A request of a client: path, headers and body. `kind`: `small` is one question; `agent` is what a coding agent sends,
 * 113 KB with 30 tools and some turns behind it; `tools` is a question with three tools.
 */
export function createRequest(protocol, { kind, stream, model = MODEL, key, prefix = "" }) {
  const { path, body, headers } = WRITERS[protocol](CONVERSATIONS[kind](), { stream, model });
  const auth = key === undefined ? {} : AUTH[protocol](key);
  return { path: prefix + path, headers: { ...headers, ...auth }, body: JSON.stringify(body) };
}

const bearer = (key) => ({ authorization: `Bearer ${key}` });
const AUTH = {
  openai: bearer,
  "openai-responses": bearer,
  ollama: bearer,
  claude: (key) => ({ "x-api-key": key }),
  gemini: (key) => ({ "x-goog-api-key": key }),
};

const WRITERS = {
  openai: ({ system, turns, tools }, { stream, model }) => ({
    path: "/v1/chat/completions",
    body: {
      model,
      max_tokens: 1024,
      stream,
      ...(stream && { stream_options: { include_usage: true } }),
      messages: [{ role: "system", content: system }, ...toMessages(turns)],
      ...(tools && { tools: toFunctions(tools) }),
    },
  }),
  "openai-responses": ({ system, turns, tools }, { stream, model }) => ({
    path: "/v1/responses",
    body: {
      model,
      stream,
      store: false,
      instructions: system,
      input: toMessages(turns),
      ...(tools && { tools: tools.map((tool) => ({ type: "function", strict: false, ...tool })) }),
    },
  }),
  claude: ({ system, turns, tools }, { stream, model }) => ({
    path: "/v1/messages",
    headers: { "anthropic-version": "2023-06-01" },
    body: {
      model,
      max_tokens: 1024,
      stream,
      system,
      messages: turns.map(([role, text]) => ({ role, content: [{ type: "text", text }] })),
      ...(tools && {
        tools: tools.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })),
      }),
    },
  }),
  gemini: ({ system, turns, tools }, { stream, model }) => ({
    path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: {
      systemInstruction: { parts: [{ text: system }] },
      contents: turns.map(([role, text]) => ({
        role: role === "user" ? "user" : "model",
        parts: [{ text }],
      })),
      ...(tools && {
        tools: [
          {
            functionDeclarations: tools.map(({ parameters, ...tool }) => ({
              ...tool,
              parametersJsonSchema: parameters,
            })),
          },
        ],
      }),
    },
  }),
  ollama: ({ system, turns, tools }, { stream, model }) => ({
    path: "/api/chat",
    body: {
      model,
      stream,
      messages: [{ role: "system", content: system }, ...toMessages(turns)],
      ...(tools && { tools: toFunctions(tools) }),
    },
  }),
};

const toMessages = (turns) => turns.map(([role, content]) => ({ role, content }));
const toFunctions = (tools) => tools.map((tool) => ({ type: "function", function: tool }));

const CONVERSATIONS = {
  small: () => ({ system: "You are helpful.", turns: [["user", "Say hello to the world."]] }),
  tools: () => ({
    system: "You are helpful.",
    turns: [["user", "Say hello to the world."]],
    tools: [0, 1, 2].map((index) => createTool(index, 1)),
  }),
  agent: () => ({
    system: "You are a coding agent: you read, change and run what is in the user's folder. ".repeat(150),
    turns: [
      ...Array.from({ length: 8 }, (_, index) => [
        ["user", `Look at file ${index}, fix the "bug" in it\n\tand run the tests. `.repeat(8)],
        ["assistant", "I will read it first. ".repeat(6)],
      ]).flat(),
      ["user", "Go on."],
    ],
    tools: Array.from({ length: 30 }, (_, index) => createTool(index, 19)),
  }),
};

function createTool(index, repeats) {
  const properties = {};
  for (let at = 0; at < 8; at++) {
    const description = `Parameter number ${at}: it decides how this tool goes about its work in this one case.`;
    properties[`param_${at}`] = { type: at % 3 === 0 ? "number" : "string", description };
  }
  return {
    name: `tool_${index}`,
    description:
      `Does operation ${index} in the session, waits for it within a time limit, and says what came of it in full. `.repeat(
        repeats,
      ),
    parameters: { type: "object", properties, required: ["param_0", "param_1"], additionalProperties: false },
  };
}
