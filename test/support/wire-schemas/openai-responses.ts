import type { Json } from "../../../adapters/validate.ts";
import {
  annotation,
  openaiResponseItem as item,
  messageContent,
  tokenScores,
} from "./openai-responses-items.ts";
import {
  anyObject,
  array,
  boolean,
  count,
  is,
  must,
  name,
  nothing,
  nullable,
  number,
  object,
  openObject,
  oneOf,
  string,
  type Frame,
  type Schema,
  type WireRules,
} from "./schema.ts";

/** OpenAI Responses, after `Response` and `ResponseStreamEvent` of the SDK `openai`. */
const usage = object({
  input_tokens: count,
  input_tokens_details: object({ cached_tokens: count, cache_write_tokens: count }),
  output_tokens: count,
  output_tokens_details: object({ reasoning_tokens: count }),
  total_tokens: count,
});

/**
 * A response at one point of its way: the settings of the request stand in all of them. `output_text` is made by the
 * SDK.
 */
const response = (outcome: Record<string, Schema>): Record<string, unknown> =>
  object(
    {
      id: { type: "string", pattern: "^resp_" },
      object: is("response"),
      created_at: count,
      access_programs: nullable(anyObject),
      model: name,
      instructions: nullable({ type: ["string", "array"] }),
      metadata: nullable(anyObject),
      parallel_tool_calls: boolean,
      temperature: nullable(number),
      top_p: nullable(number),
      tool_choice: { anyOf: [oneOf("none", "auto", "required"), byTypeName] },
      tools: array(byTypeName),
      output: array(item),
      ...outcome,
    },
    {
      background: nullable(boolean),
      completed_at: nullable(count),
      conversation: nullable(object({ id: name })),
      frequency_penalty: number,
      max_output_tokens: nullable(count),
      max_tool_calls: nullable(count),
      moderation: nullable(anyObject),
      presence_penalty: number,
      previous_response_id: nullable(string),
      prompt: nullable(anyObject),
      prompt_cache_key: nullable(string),
      prompt_cache_retention: nullable(oneOf("in_memory", "24h")),
      reasoning: nullable(openObject({}, { effort: nullable(string), summary: nullable(string) })),
      safety_identifier: nullable(string),
      service_tier: nullable(oneOf("auto", "default", "flex", "scale", "priority", "fast")),
      store: boolean,
      text: object({}, { format: byTypeName, verbosity: nullable(oneOf("low", "medium", "high")) }),
      top_logprobs: nullable(count),
      truncation: nullable(oneOf("auto", "disabled")),
      // Absence in the type; OpenAI gives all settings back, those not set as null.
      user: nullable(string),
    },
  );
const byTypeName: Schema = openObject({ type: name });

/** The type has no null for `usage`, only absence; ccproxy writes null for as long as nothing is counted. */
const open = { error: nothing, incomplete_details: nothing, usage: nothing };
const begun = response({ ...open, status: is("in_progress"), output: { ...array(item), maxItems: 0 } });
const completed = response({
  status: is("completed"),
  error: nothing,
  incomplete_details: nothing,
  completed_at: count,
  usage,
});
const incomplete = response({
  status: is("incomplete"),
  error: nothing,
  incomplete_details: object({ reason: oneOf("max_output_tokens", "content_filter") }),
  usage,
});
const failed = response({
  status: is("failed"),
  error: object({
    // The last two are not in the type; Codex knows them to be final and retries on all others.
    code: oneOf(
      "server_error",
      "rate_limit_exceeded",
      "invalid_prompt",
      "context_length_exceeded",
      "insufficient_quota",
    ),
    message: name,
  }),
  incomplete_details: nothing,
  usage: nullable(usage),
});

const numbered = { type: name, sequence_number: count };
const ofItem = { ...numbered, item_id: name, output_index: count };
const ofPart = { ...ofItem, content_index: count };
const ofSummary = { ...ofItem, summary_index: count };
const summaryPart = object({ type: is("summary_text"), text: string });

export const openaiResponses: WireRules = {
  framing: "sse",
  contentTypes: {
    whole: /^application\/json(?:; ?charset=utf-8)?$/i,
    stream: /^text\/event-stream(?:; ?charset=utf-8)?$/i,
    error: /^application\/json(?:; ?charset=utf-8)?$/i,
  },
  whole: { anyOf: [completed, incomplete] },
  frames: {
    "response.created": object({ ...numbered, response: begun }),
    "response.in_progress": object({ ...numbered, response: begun }),
    "response.output_item.added": object({ ...numbered, output_index: count, item }),
    "response.output_item.done": object({ ...numbered, output_index: count, item }),
    "response.content_part.added": object({ ...ofPart, part: messageContent }),
    "response.content_part.done": object({ ...ofPart, part: messageContent }),
    "response.output_text.delta": object({ ...ofPart, delta: string, logprobs: tokenScores }),
    "response.output_text.done": object({ ...ofPart, text: string, logprobs: tokenScores }),
    "response.output_text.annotation.added": object({
      ...ofPart,
      annotation_index: count,
      annotation,
    }),
    "response.refusal.delta": object({ ...ofPart, delta: string }),
    "response.refusal.done": object({ ...ofPart, refusal: string }),
    "response.reasoning_summary_part.added": object({ ...ofSummary, part: summaryPart }),
    "response.reasoning_summary_part.done": object({ ...ofSummary, part: summaryPart }),
    "response.reasoning_summary_text.delta": object({ ...ofSummary, delta: string }),
    "response.reasoning_summary_text.done": object({ ...ofSummary, text: string }),
    "response.reasoning_text.delta": object({ ...ofPart, delta: string }),
    "response.reasoning_text.done": object({ ...ofPart, text: string }),
    "response.function_call_arguments.delta": object({ ...ofItem, delta: string }),
    "response.function_call_arguments.done": object({ ...ofItem, arguments: string }, { name }),
    "response.custom_tool_call_input.delta": object({ ...ofItem, delta: string }),
    "response.custom_tool_call_input.done": object({ ...ofItem, input: string }),
    "response.image_generation_call.in_progress": object(ofItem),
    "response.image_generation_call.generating": object(ofItem),
    "response.image_generation_call.completed": object(ofItem),
    "response.completed": object({ ...numbered, response: completed }),
    "response.incomplete": object({ ...numbered, response: incomplete }),
    "response.failed": object({ ...numbered, response: failed }),
    error: object({ ...numbered, code: nullable(string), message: name, param: nullable(string) }),
  },
  kindOf: ({ type }) => type,
  error: object({
    error: object({ message: name, type: name, param: nullable(string), code: nullable(string) }),
  }),
  isNamed: true,
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  const events = frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]));
  events.forEach(({ sequence_number }, index) =>
    must(sequence_number === index, `sequence_number ${String(sequence_number)} at ${index}`),
  );
  const types = events.map(({ type }) => String(type));
  must(types[0] === "response.created", "response.created is not first");
  must(types.lastIndexOf("response.created") === 0, "more than one response.created");
  const ends = types.findIndex((type) => ENDS.has(type));
  must(ends === types.length - 1, "response.completed, incomplete or failed is not last");
  const last = events.at(-1)?.response as Json | undefined;
  const done = checkItems(events);
  must(
    !last || JSON.stringify(last.output) === JSON.stringify(done),
    "the last output is not that of the stream",
  );
}

/** Items come one after another, and what is said of one is said while it is open. Gives back the items as they ended. */
function checkItems(events: Json[]): unknown[] {
  const done: unknown[] = [];
  let open: unknown;
  for (const { type, output_index: index, item_id: id, item: whole } of events) {
    if (index === undefined) {
      must(open === undefined || ENDS.has(String(type)), `${String(type)} while an item is open`);
      continue;
    }
    must(index === done.length, `${String(type)} of output ${String(index)}, which is not open`);
    const given = whole as Json | undefined;
    if (type === "response.output_item.added") {
      must(open === undefined, `output ${String(index)} is added twice`);
      open = given?.id;
    } else {
      must(open !== undefined && (id ?? given?.id) === open, `${String(type)} of an item that is not open`);
      if (type !== "response.output_item.done") continue;
      done.push(whole);
      open = undefined;
    }
  }
  return done;
}

const ENDS = new Set(["response.completed", "response.incomplete", "response.failed", "error"]);
