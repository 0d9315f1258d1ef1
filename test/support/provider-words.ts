import type { ProtocolName } from "./daemon.ts";

/** What a provider says, written by hand in its protocol: an answer in pieces, a call, and the ways to fail. */
export interface Words {
  /** Content types: of a stream, and of a body. */
  type: string;
  wholeType: string;
  /** A stream that says `texts` one after the other; the last piece ends it properly. */
  stream: (texts: string[]) => string[];
  /** A stream that calls `weather` with `args`; the arguments come in two pieces, or in one where there are no pieces. */
  call: (args: string) => string[];
  /** The same as one body. */
  whole: (text: string) => string;
  wholeCall: (args: string) => string;
  /** An error in the place of an event. */
  error: (kind: "overloaded" | "server", message: string) => string;
  /** The body of an error. */
  errorBody: (status: number, message: string, code?: string) => string;
  /** An event that is no JSON. */
  broken: string;
}

/** What every answer here says of itself. */
export const USED = { inputTokens: 7, outputTokens: 3 };

const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const line = (data: unknown): string => `${JSON.stringify(data)}\n`;

const chunk = (delta: unknown, reason: string | null = null): string =>
  sse({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "m",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
  });
const openaiUsage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const openaiEnd = [
  sse({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "m",
    choices: [],
    usage: openaiUsage,
  }),
  sse("[DONE]"),
];
const completion = (message: unknown, reason: string): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "m",
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
    usage: openaiUsage,
  });

const openai: Words = {
  type: "text/event-stream",
  wholeType: "application/json",
  stream: (texts) => [
    chunk({ role: "assistant", content: "", refusal: null }),
    ...texts.map((content) => chunk({ content })),
    chunk({}, "stop") + openaiEnd.join(""),
  ],
  call: (args) => [
    chunk({ role: "assistant", content: null, refusal: null }),
    chunk({
      tool_calls: [
        {
          index: 0,
          id: "call_1",
          type: "function",
          function: { name: "weather", arguments: args.slice(0, 8) },
        },
      ],
    }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: args.slice(8) } }] }),
    chunk({}, "tool_calls") + openaiEnd.join(""),
  ],
  whole: (content) => completion({ role: "assistant", content, refusal: null, annotations: [] }, "stop"),
  wholeCall: (args) =>
    completion(
      {
        role: "assistant",
        content: null,
        refusal: null,
        annotations: [],
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: args } }],
      },
      "tool_calls",
    ),
  error: (kind, message) =>
    sse({
      error: {
        message,
        type: "server_error",
        param: null,
        code: kind === "overloaded" ? kind : "server_error",
      },
    }),
  errorBody: (status, message, code) =>
    JSON.stringify({
      error: {
        message,
        type: status < 500 ? "invalid_request_error" : "server_error",
        param: null,
        code: code ?? null,
      },
    }),
  broken: 'data: {"choices": [{"index":\n\n',
};

const responsesUsage = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 10,
};
const response = (status: "in_progress" | "completed", output: unknown[]) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_700_000_000,
  access_programs: null,
  model: "m",
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  top_p: 1,
  tool_choice: "auto",
  tools: [],
  status,
  error: null,
  incomplete_details: null,
  output,
  usage: status === "completed" ? responsesUsage : null,
  ...(status === "completed" && { completed_at: 1_700_000_001 }),
});
const said = (text?: string) => ({
  id: "msg_1",
  type: "message",
  status: text === undefined ? "in_progress" : "completed",
  role: "assistant",
  content: text === undefined ? [] : [{ type: "output_text", text, annotations: [], logprobs: [] }],
});
const called = (args?: string) => ({
  id: "fc_1",
  type: "function_call",
  status: args === undefined ? "in_progress" : "completed",
  call_id: "call_1",
  name: "weather",
  arguments: args ?? "",
});
type Told = { type: string } & Record<string, unknown>;
/** The events of one answer in pieces, numbered throughout. */
const numbered = (pieces: Told[][]): string[] => {
  let sequence_number = 0;
  return pieces.map((events) =>
    events.map(({ type, ...rest }) => named({ type, sequence_number: sequence_number++, ...rest })).join(""),
  );
};
const ofItem = (item: { id: string }) => ({ item_id: item.id, output_index: 0 });
const responsesStart = (item: unknown): Told[] => [
  { type: "response.created", response: response("in_progress", []) },
  { type: "response.output_item.added", output_index: 0, item },
];
const responsesEnd = (item: unknown): Told[] => [
  { type: "response.output_item.done", output_index: 0, item },
  { type: "response.completed", response: response("completed", [item]) },
];

const responses: Words = {
  type: "text/event-stream",
  wholeType: "application/json",
  stream(texts) {
    const text = texts.join("");
    const place = { ...ofItem(said()), content_index: 0 };
    const part = (told: string) => ({ type: "output_text", text: told, annotations: [], logprobs: [] });
    return numbered([
      [...responsesStart(said()), { type: "response.content_part.added", ...place, part: part("") }],
      ...texts.map((delta) => [{ type: "response.output_text.delta", ...place, delta, logprobs: [] }]),
      [
        { type: "response.output_text.done", ...place, text, logprobs: [] },
        { type: "response.content_part.done", ...place, part: part(text) },
        ...responsesEnd(said(text)),
      ],
    ]);
  },
  call(args) {
    const place = ofItem(called());
    const delta = (text: string) => [
      { type: "response.function_call_arguments.delta", ...place, delta: text },
    ];
    return numbered([
      responsesStart(called()),
      delta(args.slice(0, 8)),
      delta(args.slice(8)),
      [
        { type: "response.function_call_arguments.done", ...place, name: "weather", arguments: args },
        ...responsesEnd(called(args)),
      ],
    ]);
  },
  whole: (text) => JSON.stringify(response("completed", [said(text)])),
  wholeCall: (args) => JSON.stringify(response("completed", [called(args)])),
  error: (kind, text) =>
    named({
      type: "error",
      sequence_number: 0,
      code: kind === "overloaded" ? "server_is_overloaded" : "server_error",
      message: text,
      param: null,
    }),
  errorBody: openai.errorBody,
  broken: 'event: response.output_text.delta\ndata: {"type":"response.output_te\n\n',
};

const named = (data: { type: string } & Record<string, unknown>): string => sse(data, data.type);
const claudeUsage = {
  input_tokens: 7,
  output_tokens: 3,
  cache_creation: null,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  inference_geo: null,
  output_tokens_details: null,
  server_tool_use: null,
  speed: null,
  service_tier: "standard",
};
const message = (content: unknown[], reason: string | null) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content,
  stop_reason: reason,
  stop_sequence: null,
  container: null,
  stop_details: null,
  diagnostics: null,
  usage: claudeUsage,
});
const block = (start: unknown, deltas: unknown[]): string[] => [
  named({ type: "content_block_start", index: 0, content_block: start }),
  ...deltas.map((delta) => named({ type: "content_block_delta", index: 0, delta })),
];
const claudeEnd = (reason: string): string =>
  named({ type: "content_block_stop", index: 0 }) +
  named({
    type: "message_delta",
    delta: { stop_reason: reason, stop_sequence: null, container: null, stop_details: null },
    usage: {
      input_tokens: 7,
      output_tokens: 3,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens_details: null,
      server_tool_use: null,
    },
  }) +
  named({ type: "message_stop" });
const claudeStart = (): string =>
  named({
    type: "message_start",
    message: { ...message([], null), usage: { ...claudeUsage, output_tokens: 1 } },
  });

const claude: Words = {
  type: "text/event-stream",
  wholeType: "application/json",
  stream: (texts) => {
    const [start = "", ...deltas] = block(
      { type: "text", text: "" },
      texts.map((text) => ({ type: "text_delta", text })),
    );
    return [claudeStart() + start, ...deltas, claudeEnd("end_turn")];
  },
  call: (args) => {
    const [start = "", ...deltas] = block(
      { type: "tool_use", id: "toolu_1", name: "weather", input: {}, caller: { type: "direct" } },
      [
        { type: "input_json_delta", partial_json: args.slice(0, 8) },
        { type: "input_json_delta", partial_json: args.slice(8) },
      ],
    );
    return [claudeStart() + start, ...deltas, claudeEnd("tool_use")];
  },
  whole: (text) => JSON.stringify(message([{ type: "text", text }], "end_turn")),
  wholeCall: (args) =>
    JSON.stringify(
      message(
        [
          {
            type: "tool_use",
            id: "toolu_1",
            name: "weather",
            input: JSON.parse(args) as unknown,
            caller: { type: "direct" },
          },
        ],
        "tool_use",
      ),
    ),
  error: (kind, text) =>
    named({
      type: "error",
      error: { type: kind === "overloaded" ? "overloaded_error" : "api_error", message: text },
    }),
  errorBody: (status, text, code) =>
    JSON.stringify({
      type: "error",
      error: { type: code ?? CLAUDE_TYPES[status] ?? "api_error", message: text },
    }),
  broken: 'event: content_block_delta\ndata: {"type":"content_block_del\n\n',
};

const candidate = (parts: unknown[] | undefined, reason?: string): unknown => ({
  candidates: [
    {
      content: { role: "model", ...(parts && { parts }) },
      index: 0,
      ...(reason !== undefined && { finishReason: reason }),
    },
  ],
  usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 10 },
  modelVersion: "m",
  responseId: "r1",
});
const weatherCall = (args: string) => ({
  functionCall: { name: "weather", args: JSON.parse(args) as unknown },
});

const gemini: Words = {
  type: "text/event-stream",
  wholeType: "application/json; charset=UTF-8",
  stream: (texts) => [
    ...texts.slice(0, -1).map((text) => sse(candidate([{ text }]))),
    sse(candidate([{ text: texts.at(-1) }], "STOP")),
  ],
  call: (args) => [
    sse(candidate([{ text: "Hm. " }])),
    sse(candidate([weatherCall(args)])),
    sse(candidate([{ text: "" }], "STOP")),
  ],
  whole: (text) => JSON.stringify(candidate([{ text }], "STOP")),
  wholeCall: (args) => JSON.stringify(candidate([weatherCall(args)], "STOP")),
  error: (kind, text) =>
    sse({
      error:
        kind === "overloaded"
          ? { code: 503, message: text, status: "UNAVAILABLE" }
          : { code: 500, message: text, status: "INTERNAL" },
    }),
  errorBody: (status, text, code) =>
    JSON.stringify({
      error: { code: status, message: text, status: code ?? GEMINI_STATUSES[status] ?? "INTERNAL" },
    }),
  broken: 'data: {"candidates": [{"content":\n\n',
};

const ollamaLine = (message: unknown, rest: object = { done: false }) => ({
  model: "m",
  created_at: "2026-01-01T00:00:00Z",
  message,
  ...rest,
});
const ollamaEnd = {
  done: true,
  done_reason: "stop",
  total_duration: 5,
  load_duration: 1,
  prompt_eval_count: 7,
  prompt_eval_duration: 1,
  eval_count: 3,
  eval_duration: 1,
};
const ollamaCall = (args: string) => ({
  role: "assistant",
  content: "",
  tool_calls: [{ function: { name: "weather", arguments: JSON.parse(args) as unknown } }],
});

const ollama: Words = {
  type: "application/x-ndjson",
  wholeType: "application/json; charset=utf-8",
  stream: (texts) => [
    ...texts.map((content) => line(ollamaLine({ role: "assistant", content }))),
    line(ollamaLine({ role: "assistant", content: "" }, ollamaEnd)),
  ],
  call: (args) => [
    line(ollamaLine({ role: "assistant", content: "Hm. " })),
    line(ollamaLine(ollamaCall(args))),
    line(ollamaLine({ role: "assistant", content: "" }, ollamaEnd)),
  ],
  whole: (content) => JSON.stringify(ollamaLine({ role: "assistant", content }, ollamaEnd)),
  wholeCall: (args) => JSON.stringify(ollamaLine(ollamaCall(args), ollamaEnd)),
  error: (kind, text) => line({ error: kind === "overloaded" ? `server busy: ${text}` : text }),
  errorBody: (_status, text) => JSON.stringify({ error: text }),
  broken: '{"model":"m","message":{"role":\n',
};

const CLAUDE_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};
const GEMINI_STATUSES: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

export const WORDS: Record<ProtocolName, Words> = {
  openai,
  "openai-responses": responses,
  claude,
  gemini,
  ollama,
};
