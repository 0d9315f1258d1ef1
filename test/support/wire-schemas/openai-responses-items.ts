import {
  array,
  byType,
  count,
  is,
  name,
  nullable,
  number,
  object,
  oneOf,
  string,
  type Schema,
} from "./schema.ts";

/** Output items that ccproxy makes, after `ResponseOutputItem`; all others are somebody else's. */
const scored = { token: string, logprob: number };
export const tokenScores: Schema = array(
  object(scored, { bytes: nullable(array(count)), top_logprobs: array(object({}, scored)) }),
);
export const annotation = byType({
  file_citation: object({ file_id: string, filename: string, index: count }),
  url_citation: object({ url: string, title: string, start_index: count, end_index: count }),
  container_file_citation: object({
    container_id: string,
    file_id: string,
    filename: string,
    start_index: count,
    end_index: count,
  }),
  file_path: object({ file_id: string, index: count }),
});
export const messageContent = byType({
  output_text: object({ text: string, annotations: array(annotation) }, { logprobs: tokenScores }),
  refusal: object({ refusal: string }),
  // Only as a part of a reasoning item.
  reasoning_text: object({ text: string }),
});

const status = oneOf("in_progress", "completed", "incomplete");
const texts = (type: string): Schema => array(object({ type: is(type), text: string }));
const id = (prefix: string): Schema => ({ type: "string", pattern: `^${prefix}_` });

export const openaiResponseItem = byType({
  message: object({ id: id("msg"), role: is("assistant"), status, content: array(messageContent) }),
  reasoning: object(
    { id: id("rs"), summary: texts("summary_text") },
    { status, content: texts("reasoning_text"), encrypted_content: nullable(name) },
  ),
  function_call: object(
    { call_id: name, name, arguments: string },
    { id: id("fc"), status, namespace: name },
  ),
  custom_tool_call: object(
    { call_id: name, name, input: string },
    { id: id("ctc"), status, namespace: name },
  ),
  image_generation_call: object({
    id: id("ig"),
    result: nullable(name),
    status: oneOf("in_progress", "completed", "generating", "failed"),
  }),
});
