import { toText, toToken } from "./tokens.mjs";

/**
 * What a provider answers, by protocol: one whole body, and the events of a stream, each as it stands on the wire.
 * `count` tokens of text, and the usage that goes with them.
 */
export function createWire(count) {
  const tokens = Array.from({ length: count }, (_, index) => toToken(index));
  const text = toText(count);
  return {
    openai: openai(tokens, text),
    claude: claude(tokens, text),
    gemini: gemini(tokens, text),
    ollama: ollama(tokens, text),
  };
}

export const MODEL = "bench-model";
export const INPUT_TOKENS = 10;

function openai(tokens, text) {
  const count = tokens.length;
  const usage = { prompt_tokens: INPUT_TOKENS, completion_tokens: count, total_tokens: INPUT_TOKENS + count };
  const base = { id: "chatcmpl-bench", created: 1_700_000_000, model: MODEL, system_fingerprint: "fp_bench" };
  const chunk = (choices, rest = {}) => sse({ ...base, object: "chat.completion.chunk", choices, ...rest });
  const delta = (fields, reason = null) =>
    chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: reason }]);
  const message = { role: "assistant", content: text, refusal: null };
  return {
    type: "text/event-stream",
    whole: {
      ...base,
      object: "chat.completion",
      choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
      usage,
    },
    events: [
      delta({ role: "assistant", content: "" }),
      ...tokens.map((token) => delta({ content: token })),
      delta({}, "stop"),
      chunk([], { usage }),
      "data: [DONE]\n\n",
    ],
  };
}

function claude(tokens, text) {
  const event = (data) => `event: ${data.type}\n${sse(data)}`;
  const message = (fields) => ({
    id: "msg_bench",
    type: "message",
    role: "assistant",
    model: MODEL,
    ...fields,
  });
  const usage = { input_tokens: INPUT_TOKENS, output_tokens: tokens.length };
  const open = { content: [], stop_reason: null, stop_sequence: null };
  const over = { stop_reason: "end_turn", stop_sequence: null };
  return {
    type: "text/event-stream",
    whole: message({ content: [{ type: "text", text }], ...over, usage }),
    events: [
      event({ type: "message_start", message: message({ ...open, usage: { ...usage, output_tokens: 1 } }) }),
      event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      ...tokens.map((token) =>
        event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: token } }),
      ),
      event({ type: "content_block_stop", index: 0 }),
      event({ type: "message_delta", delta: over, usage: { output_tokens: tokens.length } }),
      event({ type: "message_stop" }),
    ],
  };
}

function gemini(tokens, text) {
  const body = (part, finish) => ({
    candidates: [{ content: { parts: [{ text: part }], role: "model" }, ...finish, index: 0 }],
    usageMetadata: {
      promptTokenCount: INPUT_TOKENS,
      candidatesTokenCount: tokens.length,
      totalTokenCount: INPUT_TOKENS + tokens.length,
    },
    modelVersion: MODEL,
    responseId: "bench",
  });
  const stop = { finishReason: "STOP" };
  return {
    type: "text/event-stream",
    whole: body(text, stop),
    events: tokens.map((token, index) => sse(body(token, index === tokens.length - 1 ? stop : {}))),
  };
}

function ollama(tokens, text) {
  const line = (content, rest) => ({
    model: MODEL,
    created_at: "2026-01-01T00:00:00.000Z",
    message: { role: "assistant", content },
    ...rest,
  });
  const over = {
    done: true,
    done_reason: "stop",
    total_duration: 1_000_000_000,
    prompt_eval_count: INPUT_TOKENS,
    eval_count: tokens.length,
  };
  const ndjson = (data) => `${JSON.stringify(data)}\n`;
  return {
    type: "application/x-ndjson",
    whole: line(text, over),
    events: [...tokens.map((token) => ndjson(line(token, { done: false }))), ndjson(line("", over))],
  };
}

const sse = (data) => `data: ${JSON.stringify(data)}\n\n`;
