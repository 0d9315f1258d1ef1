import type { Call } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { pairCalls } from "../tool-ids.ts";
import type { Effort, Output, Sampling, Thinking, UnifiedRequest } from "../unified.ts";
import { compact, invalid, optionalArray, optionalBoolean, optionalInteger, toWord } from "../validate.ts";
import { optionalNumber, optionalObject, optionalString, readName, readObject } from "../validate.ts";
import { unknownFields, type Json } from "../validate.ts";
import { askForSummary, COMPACT, isCompaction, listUserMessages } from "./compaction.ts";
import { parseInput, STATEFUL } from "./parse-input.ts";
import { parseToolChoice } from "./parse-tool-choice.ts";
import { createToolTable } from "./tool-table.ts";
import { PREVIOUS, PROTOCOL, withNotes, type Notes } from "./wire.ts";

/** A body of POST /v1/responses. What leans on state at a provider says so in `nativeOnly`. */
export function parseRequest(body: unknown, call: Call): UnifiedRequest {
  const fields = readObject(body, "body");
  const model = readName(fields.model, "model");
  const notes: Notes = { onlyNative: [], unread: [], foreign: [] };
  noteState(fields, notes);
  const table = createToolTable(fields);
  const { system, messages } = parseInput(fields, table, notes);
  const { choice, allowed, hosted } = parseToolChoice(fields.tool_choice, table);
  const tools = allowed ? table.tools.filter((tool) => allowed.names.has(tool.name)) : table.tools;
  const serverTools = allowed
    ? table.serverTools.filter((tool) => allowed.types.has(tool.name))
    : table.serverTools;
  const text = optionalObject(fields.text, "text");
  const reasoning = optionalObject(fields.reasoning, "reasoning");
  const thinking = parseThinking(fields, reasoning);
  const parallelTools = optionalBoolean(fields.parallel_tool_calls, "parallel_tool_calls");
  const hasTools = tools.length > 0 || serverTools.length > 0;
  const extra = compact({
    ...unknownFields(fields, MODELLED),
    text: text && unknownFields(text, new Set(["format"])),
    reasoning: reasoning && unmodelledReasoning(reasoning, thinking),
    ...(hosted && { tool_choice: fields.tool_choice }),
  });
  const unread = [...notes.unread, ...notes.foreign];
  const only = notes.onlyNative[0];
  // Its tokens cannot be counted either.
  if (only && call.job === "count-tokens")
    throw new GatewayError("unsupported", only.reason, { param: only.param });
  const compacts = isCompaction(fields, call);
  if (compacts) notes.compact = { keep: call.variant === COMPACT ? listUserMessages(fields.input) : [] };
  const request = compact<UnifiedRequest>({
    model,
    system: system.length ? system : undefined,
    messages: pairCalls(messages),
    tools: tools.length ? tools : undefined,
    serverTools: serverTools.length ? serverTools : undefined,
    toolChoice: hasTools ? choice : undefined,
    parallelTools: hasTools ? parallelTools : undefined,
    sampling: parseSampling(fields),
    thinking,
    output: parseOutput(text),
    stream: call.variant !== COMPACT && (optionalBoolean(fields.stream, "stream") ?? false),
    logprobs: parseLogprobs(fields),
    userId: optionalString(fields.user, "user"),
    nativeOnly: only?.reason,
    nativeOnlyAs: only && (only.param === "previous_response_id" ? UNKNOWN_PREVIOUS : toRefusal(only.param)),
    unread: unread.length ? [...new Set(unread)] : undefined,
    extra: { [PROTOCOL]: withNotes(extra, notes) },
  });
  return compacts ? askForSummary(request) : request;
}

function noteState(fields: Json, notes: Notes): void {
  const { previous_response_id: previous, ...others } = fields;
  const { onlyNative, foreign } = notes;
  // What is kept here has been put into the input before: this one only a provider can know.
  if (isGiven(previous)) {
    const reason = `Previous response with id '${toWord(previous).slice(0, 100)}' not found.`;
    onlyNative.push({ reason, param: "previous_response_id" });
  }
  for (const param of STATEFUL) {
    if (!isGiven(others[param])) continue;
    const reason = `${param}: refers to what a provider has stored, which this request's provider does not have; send the whole conversation in "input"`;
    onlyNative.push({ reason, param });
  }
  if (fields.background === true) {
    const reason =
      "background: only a provider of the Responses API can go on with a request by itself; leave it out and wait for the answer, or stream it";
    onlyNative.push({ reason, param: "background" });
  }
  foreign.push(...CHECKS.filter((field) => isGiven(fields[field])));
  if (typeof fields.instructions === "string") notes.instructions = fields.instructions;
  if (Array.isArray(fields.tools)) notes.tools = fields.tools;
  if (isGiven(fields.tool_choice)) notes.toolChoice = fields.tool_choice;
  if (typeof fields.parallel_tool_calls === "boolean") notes.parallel = fields.parallel_tool_calls;
  const expanded = (fields as { [PREVIOUS]?: unknown })[PREVIOUS];
  if (typeof expanded === "string") notes.previous = expanded;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function parseSampling(fields: Json): Sampling | undefined {
  const sampling = compact<Sampling>({
    temperature: optionalNumber(fields.temperature, "temperature"),
    topP: optionalNumber(fields.top_p, "top_p"),
    maxTokens: optionalInteger(fields.max_output_tokens, "max_output_tokens"),
  });
  return Object.keys(sampling).length ? sampling : undefined;
}

/**
 * Only an effort turns thinking on or off: Codex asks every model for a summary of whatever thinking it does, also
 * models that cannot think. Without an effort the provider's default stays.
 */
function parseThinking(fields: Json, reasoning: Json | undefined): Thinking | undefined {
  const effort = optionalString(reasoning?.effort, "reasoning.effort");
  if (effort === undefined) return undefined;
  if (effort === "none") return { mode: "off" };
  const visible =
    (reasoning?.summary ?? reasoning?.generate_summary ?? undefined) !== undefined ||
    readInclude(fields).includes("reasoning.encrypted_content");
  return EFFORTS.has(effort) ? { mode: "on", effort: effort as Effort, visible } : { mode: "on", visible };
}

/** The rest of `reasoning`: how summaries are written, context, and an effort word we do not know. */
function unmodelledReasoning(reasoning: Json, thinking: Thinking | undefined): Json | undefined {
  const known = thinking?.mode === "on" && thinking.effort === undefined ? [] : ["effort"];
  return unknownFields(reasoning, new Set(known));
}

function parseOutput(text: Json | undefined): Output | undefined {
  const format = optionalObject(text?.format, "text.format");
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json" };
  if (format.type !== "json_schema") {
    throw invalid("text.format.type", `"text", "json_object" or "json_schema"`, format.type ?? null);
  }
  return compact<Output>({
    type: "json-schema",
    schema: readObject(format.schema, "text.format.schema"),
    name: optionalString(format.name, "text.format.name"),
    description: optionalString(format.description, "text.format.description"),
    strict: optionalBoolean(format.strict, "text.format.strict"),
  });
}

function parseLogprobs(fields: Json): UnifiedRequest["logprobs"] {
  const top = optionalInteger(fields.top_logprobs, "top_logprobs");
  if (top !== undefined) return { top };
  return readInclude(fields).includes("message.output_text.logprobs") ? {} : undefined;
}

const readInclude = (fields: Json): unknown[] => optionalArray(fields.include, "include") ?? [];

const EFFORTS: ReadonlySet<string> = new Set(["minimal", "low", "medium", "high", "xhigh", "max"]);

/** Fields by which the provider looks at or changes the conversation itself: the answer is another one without. */
const CHECKS = ["moderation", "context_management"];

const toRefusal = (param: string): UnifiedRequest["nativeOnlyAs"] => ({
  kind: "unsupported",
  code: "unsupported",
  param,
});

/** OpenAI's words. */
const UNKNOWN_PREVIOUS: UnifiedRequest["nativeOnlyAs"] = {
  kind: "invalid-request",
  code: "previous_response_not_found",
  param: "previous_response_id",
};

const MODELLED = new Set([
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "max_output_tokens",
  "top_logprobs",
  "reasoning",
  "text",
  "stream",
  "user",
]);
