import { pairCalls } from "../tool-ids.ts";
import type { Effort, Output, Sampling, Thinking, UnifiedRequest } from "../unified.ts";
import { compact, invalid, optionalArray, optionalBoolean, optionalInteger } from "../validate.ts";
import { optionalNumber, optionalObject, optionalString, readName, readObject } from "../validate.ts";
import { unknownFields, type Json } from "../validate.ts";
import { parseInput, STATEFUL } from "./parse-input.ts";
import { parseToolChoice } from "./parse-tool-choice.ts";
import { createToolTable } from "./tool-table.ts";
import { PREVIOUS, PROTOCOL, withNotes, type Notes } from "./wire.ts";

/** A body of POST /v1/responses. What leans on state at a provider says so in `nativeOnly`. */
export function parseRequest(body: unknown): UnifiedRequest {
  const fields = readObject(body, "body");
  const model = readName(fields.model, "model");
  const notes: Notes = { onlyNative: [], unread: [] };
  noteState(fields, notes);
  const table = createToolTable(fields);
  const { system, messages } = parseInput(fields, table, notes);
  const { choice, allowed, hosted } = parseToolChoice(fields.tool_choice, table);
  const tools = table.tools.filter((tool) => allowed?.names.has(tool.name) ?? true);
  const serverTools = table.serverTools.filter((tool) => allowed?.types.has(tool.name) ?? true);
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
  return compact<UnifiedRequest>({
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
    stream: optionalBoolean(fields.stream, "stream") ?? false,
    logprobs: parseLogprobs(fields),
    userId: optionalString(fields.user, "user"),
    nativeOnly: notes.onlyNative[0],
    nativeOnlyAs: isGiven(fields.previous_response_id) ? UNKNOWN_PREVIOUS : undefined,
    unread: notes.unread.length ? [...new Set(notes.unread)] : undefined,
    extra: { [PROTOCOL]: withNotes(extra, notes) },
  });
}

function noteState(fields: Json, notes: Notes): void {
  const { previous_response_id: previous, ...others } = fields;
  // What is kept here has been put into the input before: this one only a provider can know.
  if (isGiven(previous))
    notes.onlyNative.push(`Previous response with id '${String(previous).slice(0, 100)}' not found.`);
  for (const field of STATEFUL) {
    if (!isGiven(others[field])) continue;
    notes.onlyNative.push(
      `${field}: refers to what a provider has stored, which this request's provider does not have; send the whole conversation in "input"`,
    );
  }
  if (typeof fields.instructions === "string") notes.instructions = fields.instructions;
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
