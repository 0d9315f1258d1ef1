import type { BuildOptions, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { Output, UnifiedRequest } from "../unified.ts";
import { compact, isObject, type Json } from "../validate.ts";
import { buildMessages, toTextBlocks } from "./build-messages.ts";
import { buildSampling } from "./build-sampling.ts";
import { buildThinking, isOn } from "./build-thinking.ts";
import { buildToolChoice, buildTools, createToolNames, isForced } from "./build-tools.ts";
import { firstWord } from "./first-word.ts";
import { toModelFacts } from "./model-facts.ts";
import { toOutputSchema } from "./to-output-schema.ts";
import { PROTOCOL, type WireMessage, type WireText } from "./wire.ts";

/** Quirks: `adaptiveThinking` (overrules the model's name), `sendReasoning` (thoughts without signature go back too). */
export function buildRequest(request: UnifiedRequest, options: BuildOptions = {}): WireRequest {
  const dropped = new Set<string>();
  const drop = (what: string): void => void dropped.add(what);
  const own = request.extra?.[PROTOCOL] ?? {};
  const facts = toModelFacts(request.model, options);
  const names = createToolNames(request);

  const sendReasoning = options.quirks?.sendReasoning === true;
  const turns = buildMessages(request, { names, drop, sendReasoning });
  const { system, messages } = placeSystem(buildSystem(request), turns);
  const tools = buildTools(request, names, drop);
  const toolChoice = buildToolChoice(request, names);
  const forced = isForced(toolChoice);
  const { thinking, effort, maxTokens } = buildThinking(request, { facts, messages, forced, drop });
  if (request.logprobs) drop("logprobs");
  if ((request.choices ?? 1) > 1) drop("more than one choice");

  const body = compact({
    ...own,
    model: request.model,
    max_tokens: maxTokens,
    system,
    messages,
    tools,
    tool_choice: toolChoice,
    ...buildSampling(request, { facts, thinking: isOn(thinking), drop }),
    thinking,
    output_config: buildOutputConfig(own.output_config, effort, request.output),
    context_management: isOn(thinking) ? own.context_management : withoutThoughtEdits(own.context_management),
    metadata: request.userId === undefined ? undefined : { user_id: request.userId },
    stream: request.stream,
  });
  return { method: "POST", path: "/v1/messages", body, ...(dropped.size && { dropped: [...dropped] }) };
}

function buildSystem(request: UnifiedRequest): WireText[] {
  const blocks = toTextBlocks(request.system ?? []);
  // Claude has no JSON mode without a schema.
  if (request.output?.type === "json") blocks.push({ type: "text", text: JSON_ONLY });
  return blocks;
}

/** Claude wants a user turn: a request that is all system prompt becomes one. */
function placeSystem(
  system: WireText[],
  messages: WireMessage[],
): { system?: string | WireText[]; messages: WireMessage[] } {
  if (messages.length === 0) {
    if (system.length === 0) {
      throw new GatewayError("invalid-request", "messages: expected at least one with content", {
        param: "messages",
      });
    }
    return { messages: [{ role: "user", content: system }] };
  }
  const [only] = system;
  if (!only) return { messages };
  return { system: system.length === 1 && only.cache_control === undefined ? only.text : system, messages };
}

function buildOutputConfig(own: unknown, effort: unknown, output: Output | undefined): Json | undefined {
  const { effort: _effort, ...rest } = isObject(own) ? own : {};
  const config = compact({
    ...rest,
    effort,
    format:
      output?.type === "json-schema"
        ? { type: "json_schema", schema: toOutputSchema(output.schema) }
        : undefined,
  });
  return Object.keys(config).length ? config : undefined;
}

/** `clear_thinking_…` edits are refused where thinking is not on. */
function withoutThoughtEdits(management: unknown): unknown {
  if (!isObject(management) || !Array.isArray(management.edits)) return management;
  const edits: unknown[] = management.edits.filter(
    (edit) => !(isObject(edit) && firstWord(edit.type).startsWith("clear_thinking")),
  );
  return edits.length ? { ...management, edits } : undefined;
}

const JSON_ONLY =
  "Answer with one JSON object only: no text before or after it, no code fence. Every answer must be valid JSON.";
