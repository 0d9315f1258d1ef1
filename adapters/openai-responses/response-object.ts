import type { WriteContext } from "../adapter.ts";
import type { NameMap } from "../tool-names.ts";
import type { FinishReason, UnifiedRequest, Usage } from "../unified.ts";
import type { Json } from "../validate.ts";
import { writeResponseId } from "./item-id.ts";
import { writeFormat } from "./text-format.ts";
import { writeToolChoice, writeTools } from "./write-tools.ts";
import { nativeFields, readNotes, withoutNotes } from "./wire.ts";
import { writeUsage } from "./usage.ts";

/** Everything a response object says beside its outcome: mostly the request's settings, given back. */
export function writeSettings(context: WriteContext): Json {
  const { request } = context;
  const extra = withoutNotes(nativeFields(request) ?? {});
  const notes = readNotes(request);
  const { sampling } = request;
  const given = (field: string, fallback: unknown = null): unknown => extra[field] ?? fallback;
  return {
    id: writeResponseId(context),
    object: "response",
    created_at: Math.floor(context.createdAt / 1000),
    background: false,
    instructions: notes.instructions ?? null,
    max_output_tokens: sampling?.maxTokens ?? null,
    max_tool_calls: given("max_tool_calls"),
    metadata: given("metadata", {}),
    model: request.model,
    parallel_tool_calls: request.parallelTools ?? true,
    previous_response_id: notes.previous ?? given("previous_response_id"),
    prompt_cache_key: given("prompt_cache_key"),
    reasoning: { effort: effortOf(request), summary: null, ...(extra.reasoning as Json | undefined) },
    safety_identifier: given("safety_identifier"),
    service_tier: given("service_tier", "default"),
    store: given("store", true),
    temperature: sampling?.temperature ?? null,
    text: { format: writeFormat(request.output), ...(extra.text as Json | undefined) },
    tool_choice: extra.tool_choice ?? writeToolChoice(request, GIVEN_NAMES) ?? "auto",
    tools: writeTools(request, GIVEN_NAMES),
    top_logprobs: request.logprobs?.top ?? 0,
    top_p: sampling?.topP ?? null,
    truncation: given("truncation", "disabled"),
    user: request.userId ?? null,
  };
}

/** The fields that tell how far an answer has come. */
export interface Outcome {
  output: Json[];
  error?: { code: string; message: string };
  reason?: FinishReason;
  usage?: Usage;
}

export const begun: Json = {
  status: "in_progress",
  error: null,
  incomplete_details: null,
  output: [],
  usage: null,
};

export function writeOutcome({ output, error, reason, usage }: Outcome, context: WriteContext): Json {
  const incomplete = toIncompleteReason(reason);
  const status = error ? "failed" : incomplete ? "incomplete" : "completed";
  return {
    status,
    ...(status === "completed" && { completed_at: Math.floor(context.now() / 1000) }),
    error: error ?? null,
    incomplete_details: incomplete ? { reason: incomplete } : null,
    output,
    usage: error && !usage ? null : writeUsage(usage),
  };
}

/** Why an answer is not whole, in this protocol's words; undefined for a whole one. */
export function toIncompleteReason(reason: FinishReason | undefined): string | undefined {
  if (reason === "length") return "max_output_tokens";
  return reason === "content-filter" ? "content_filter" : undefined;
}

function effortOf({ thinking }: UnifiedRequest): string | null {
  if (thinking?.mode === "off") return "none";
  return thinking?.effort ?? null;
}

/** The client reads its tools back as it named them. */
const GIVEN_NAMES: NameMap = { toWire: (name) => name, fromWire: (name) => name };
