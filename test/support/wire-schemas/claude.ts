import { isObject, type Json } from "../../../adapters/validate.ts";
import {
  anyObject,
  array,
  byType,
  count,
  is,
  must,
  name,
  nothing,
  nullable,
  object,
  oneOf,
  string,
  type Frame,
  type WireRules,
} from "./schema.ts";

/**
 * Claude messages, after `Message` and `RawMessageStreamEvent` of the SDK `@anthropic-ai/sdk`. Stricter than we are, the
 * type has these always, if as `null`: `container`, `diagnostics`, `citations`, `caller` (never null), and of usage
 * `cache_creation`, `inference_geo`, `output_tokens_details`, `server_tool_use`, `service_tier` and `speed`. They are
 * about Anthropic's own service, so ccproxy leaves them out; what is there is checked.
 */
const sometimes = {
  cache_creation: nullable(object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count })),
  inference_geo: nullable(string),
  output_tokens_details: nullable(object({ thinking_tokens: count })),
  server_tool_use: nullable(anyObject),
  service_tier: nullable(oneOf("standard", "priority", "batch")),
  speed: nullable(oneOf("standard", "fast")),
};
const cached = { cache_creation_input_tokens: nullable(count), cache_read_input_tokens: nullable(count) };
const usage = object({ input_tokens: count, output_tokens: count, ...cached }, sometimes);

const reason = oneOf(
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
);
const category = oneOf("cyber", "bio", "frontier_llm", "reasoning_extraction", "general_harms");
const stop_details = nullable(
  object({ type: is("refusal"), category: nullable(category), explanation: nullable(string) }),
);
const caller = object({ type: oneOf("direct", "code_execution_20250825", "code_execution_20260120") });

const toolUse = object({ id: name, name, input: anyObject }, { caller });
const result = object({ tool_use_id: name, content: {} }, { caller });
const block = byType({
  text: object({ text: string }, { citations: nullable(array(anyObject)) }),
  thinking: object({ thinking: string, signature: string }),
  redacted_thinking: object({ data: string }),
  tool_use: toolUse,
  server_tool_use: toolUse,
  web_search_tool_result: result,
  web_fetch_tool_result: result,
  code_execution_tool_result: result,
  bash_code_execution_tool_result: result,
  text_editor_code_execution_tool_result: result,
  tool_search_tool_result: result,
  container_upload: object({ file_id: name }),
});

const head = { id: name, type: is("message"), role: is("assistant"), model: name };
const rare = { container: nullable(anyObject), diagnostics: nullable(anyObject) };

const failure = object({
  type: is("error"),
  error: object(
    {
      type: oneOf(
        "invalid_request_error",
        "authentication_error",
        "billing_error",
        "permission_error",
        "not_found_error",
        "rate_limit_error",
        "timeout_error",
        "api_error",
        "overloaded_error",
        // In the API's list of errors (HTTP 413), though not in the type.
        "request_too_large",
      ),
      message: name,
    },
    { details: object({ error_code: name }) },
  ),
  request_id: nullable(string),
});

export const claude: WireRules = {
  framing: "sse",
  contentTypes: {
    whole: /^application\/json(?:; ?charset=utf-8)?$/i,
    stream: /^text\/event-stream(?:; ?charset=utf-8)?$/i,
    error: /^application\/json(?:; ?charset=utf-8)?$/i,
  },
  whole: object(
    {
      ...head,
      content: array(block),
      stop_reason: reason,
      stop_sequence: nullable(string),
      stop_details,
      usage,
    },
    rare,
  ),
  frames: {
    message_start: object({
      message: object(
        {
          ...head,
          content: { ...array(block), maxItems: 0 },
          stop_reason: nothing,
          stop_sequence: nothing,
          stop_details: nothing,
          usage,
        },
        rare,
      ),
    }),
    ping: object({}),
    content_block_start: object({ index: count, content_block: block }),
    content_block_delta: object({
      index: count,
      delta: byType({
        text_delta: object({ text: string }),
        thinking_delta: object({ thinking: string }),
        signature_delta: object({ signature: string }),
        input_json_delta: object({ partial_json: string }),
        citations_delta: object({ citation: anyObject }),
      }),
    }),
    content_block_stop: object({ index: count }),
    message_delta: object({
      delta: object({ stop_reason: reason, stop_sequence: nullable(string), stop_details }),
      usage: object({ input_tokens: nullable(count), output_tokens: count, ...cached }, sometimes),
    }),
    message_stop: object({}),
    error: failure,
  },
  kindOf: ({ type }) => type,
  error: failure,
  isNamed: true,
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  const events = frames.flatMap(({ data }) => (data === "[DONE]" || data.type === "ping" ? [] : [data]));
  const types = events.map(({ type }) => type);
  const ended = types.at(-1) === "error" ? "error" : "message_stop";
  must(types.indexOf(ended) === types.length - 1, `${ended} is not the last event`);
  must(!types.includes("error") || ended === "error", "something comes after the error");
  // An error may come before anything else: the answer's head is sent early, to keep the client waiting.
  must(types[0] === "message_start" || types[0] === "error", "message_start is not first");
  must(types.lastIndexOf("message_start") < 1, "more than one message_start");
  if (ended === "message_stop")
    must(types.at(-2) === "message_delta", "no message_delta before message_stop");
  must(types.filter((type) => type === "message_delta").length < 2, "more than one message_delta");
  checkBlocks(events);
}

function checkBlocks(events: Json[]): void {
  let next = 0;
  let open: unknown;
  let input = "";
  for (const { type, index, content_block: begun, delta } of events) {
    if (type === "content_block_start") {
      must(open === undefined, `block ${String(index)} starts in another one`);
      must(index === next++, `block ${String(index)} is out of order`);
      open = (begun as Json).type;
      input = "";
    } else if (type === "content_block_delta" || type === "content_block_stop") {
      must(open !== undefined && index === next - 1, `${type} of block ${String(index)}, which is not open`);
      if (type === "content_block_delta") {
        const grown = delta as Json;
        must(GROWS[String(grown.type)] === open, `${String(grown.type)} in a ${String(open)} block`);
        input += String(grown.partial_json ?? "");
        continue;
      }
      if (open === "tool_use" && input !== "")
        must(isObject(JSON.parse(input)), `input is no object: ${input}`);
      open = undefined;
    } else if (type !== "error") {
      must(open === undefined, `${String(type)} while a block is open`);
    }
  }
}

const GROWS: Record<string, string> = {
  text_delta: "text",
  citations_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "thinking",
  input_json_delta: "tool_use",
};
