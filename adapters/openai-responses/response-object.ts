import type { WriteContext } from "../adapter.ts";
import type { NameMap } from "../tool-names.ts";
import type { FinishReason, UnifiedRequest, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { writeResponseId } from "./item-id.ts";
import { writeFormat } from "./text-format.ts";
import { writeToolChoice, writeTools } from "./write-tools.ts";
import { nativeFields, readNotes, withoutNotes } from "./wire.ts";
import { writeUsage } from "./usage.ts";

/**
 * Everything a response object says beside its outcome: mostly the request's settings, given back as the API does it,
 * with its defaults. Every field that its clients' types demand is there.
 */
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
    access_programs: given("access_programs"),
    background: false,
    frequency_penalty: 0,
    instructions: notes.instructions ?? null,
    max_output_tokens: sampling?.maxTokens ?? null,
    max_tool_calls: given("max_tool_calls"),
    metadata: given("metadata", {}),
    model: request.model,
    moderation: null,
    parallel_tool_calls: notes.parallel ?? request.parallelTools ?? true,
    presence_penalty: 0,
    previous_response_id: notes.previous ?? given("previous_response_id"),
    prompt_cache_key: given("prompt_cache_key"),
    prompt_cache_retention: given("prompt_cache_retention"),
    reasoning: { effort: effortOf(request), summary: null, ...(extra.reasoning as Json | undefined) },
    safety_identifier: given("safety_identifier"),
    service_tier: toUsedTier(extra.service_tier),
    store: given("store", true),
    temperature: sampling?.temperature ?? 1,
    text: toText(request, extra.text as Json | undefined),
    tool_choice: notes.toolChoice ?? writeToolChoice(request, GIVEN_NAMES) ?? "auto",
    tools: notes.tools?.map(toGivenTool) ?? writeTools(request, GIVEN_NAMES),
    top_logprobs: request.logprobs?.top ?? 0,
    top_p: sampling?.topP ?? 1,
    truncation: given("truncation", "disabled"),
    user: request.userId ?? null,
  };
}

/** What a response says before anything is known of its outcome. */
export function writeBegun(context: WriteContext, settings: Json): Json {
  const tier = withoutNotes(nativeFields(context.request) ?? {}).service_tier;
  return {
    ...settings,
    status: "in_progress",
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    // Which one serves the request is told at the end.
    service_tier: tier ?? "auto",
    usage: null,
  };
}

/** The fields that tell how far an answer has come. */
export interface Outcome {
  output: Json[];
  error?: { code: string; message: string };
  reason?: FinishReason;
  usage?: Usage;
}

export function writeOutcome({ output, error, reason, usage }: Outcome, context: WriteContext): Json {
  const incomplete = toIncompleteReason(reason);
  const status = error ? "failed" : incomplete ? "incomplete" : "completed";
  return {
    status,
    completed_at: status === "completed" ? Math.floor(context.now() / 1000) : null,
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

/** The tier that served a request. Nobody else has tiers, so that what was left to the API is the usual one. */
function toUsedTier(asked: unknown): unknown {
  if (asked === "fast") return "priority";
  return asked === undefined || asked === null || asked === "auto" ? "default" : asked;
}

function toText({ output }: UnifiedRequest, given: Json | undefined): Json {
  const format = writeFormat(output);
  return {
    ...given,
    format:
      format.type === "json_schema"
        ? { ...format, description: format.description ?? null, strict: format.strict ?? false }
        : format,
    verbosity: given?.verbosity ?? "medium",
  };
}

/** A tool as the client listed it. Functions are given back with the fields they may leave out. */
function toGivenTool(tool: unknown): unknown {
  if (!isObject(tool) || tool.type !== "function" || typeof tool.name !== "string") return tool;
  return { description: null, parameters: null, strict: null, ...tool };
}

/** Tools that came from elsewhere are written under the names they have. */
const GIVEN_NAMES: NameMap = { toWire: (name) => name, fromWire: (name) => name };
