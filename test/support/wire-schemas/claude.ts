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
  type Schema,
  type WireRules,
} from "./schema.ts";

/**
 * Claude messages, after `Message` and `RawMessageStreamEvent` of the SDK `@anthropic-ai/sdk`. The type has `citations`
 * on every text, if as `null`; Anthropic leaves it out where there are none.
 */
const counts = {
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: nullable(count),
  cache_read_input_tokens: nullable(count),
  output_tokens_details: nullable(object({ thinking_tokens: count })),
  server_tool_use: nullable(object({ web_fetch_requests: count, web_search_requests: count })),
};
const usage = object({
  ...counts,
  cache_creation: nullable(object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count })),
  inference_geo: nullable(string),
  service_tier: nullable(oneOf("standard", "priority", "batch")),
  speed: nullable(oneOf("standard", "fast")),
});

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
const caller = byType({
  direct: object({}),
  code_execution_20250825: object({ tool_id: name }),
  code_execution_20260120: object({ tool_id: name }),
});
const cited = {
  cited_text: string,
  document_index: count,
  document_title: nullable(string),
  file_id: nullable(string),
};
const citation = byType({
  char_location: object({ ...cited, start_char_index: count, end_char_index: count }),
  page_location: object({ ...cited, start_page_number: count, end_page_number: count }),
  content_block_location: object({ ...cited, start_block_index: count, end_block_index: count }),
  web_search_result_location: object({
    cited_text: string,
    url: name,
    title: nullable(string),
    encrypted_index: string,
  }),
  search_result_location: object({
    cited_text: string,
    source: string,
    title: nullable(string),
    search_result_index: count,
    start_block_index: count,
    end_block_index: count,
  }),
});

const toolUse = object({ id: name, name, input: anyObject, caller }, { toolset_name: nullable(string) });
const result = object({ tool_use_id: name, content: {} }, { caller });
const block = byType({
  text: object({ text: string }, { citations: nullable({ ...(array(citation) as object), minItems: 1 }) }),
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

const container = nullable(anyObject);
const head = {
  id: name,
  type: is("message"),
  role: is("assistant"),
  model: name,
  container,
  diagnostics: nullable(anyObject),
};

const frame = (fields: Record<string, Schema>): Schema => object({ type: string, ...fields });

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
    { details: nullable(object({ error_code: name })) },
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
  whole: object({
    ...head,
    content: array(block),
    stop_reason: reason,
    stop_sequence: nullable(string),
    stop_details,
    usage,
  }),
  frames: {
    message_start: frame({
      message: object({
        ...head,
        content: { ...array(block), maxItems: 0 },
        stop_reason: nothing,
        stop_sequence: nothing,
        stop_details: nothing,
        usage,
      }),
    }),
    ping: frame({}),
    content_block_start: frame({ index: count, content_block: block }),
    content_block_delta: frame({
      index: count,
      delta: byType({
        text_delta: object({ text: string }),
        thinking_delta: object({ thinking: string }),
        signature_delta: object({ signature: string }),
        input_json_delta: object({ partial_json: string }),
        citations_delta: object({ citation }),
      }),
    }),
    content_block_stop: frame({ index: count }),
    message_delta: frame({
      delta: object({ stop_reason: reason, stop_sequence: nullable(string), stop_details, container }),
      usage: object({ ...counts, input_tokens: nullable(count) }),
    }),
    message_stop: frame({}),
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
