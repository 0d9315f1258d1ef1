import { createHash } from "node:crypto";
import type { WireRequest } from "../adapter.ts";
import { toEffort } from "../effort.ts";
import type { UnifiedRequest } from "../unified.ts";
import { compact, type Json } from "../validate.ts";
import { buildInput } from "./build-input.ts";
import { writeFormat } from "./text-format.ts";
import { createToolNames, writeToolChoice, writeTools } from "./write-tools.ts";
import { nativeFields, PROTOCOL, readNotes, withoutNotes } from "./wire.ts";

/** POST /v1/responses. Nothing is stored at the provider unless the client asked for it. */
export function buildRequest(request: UnifiedRequest): WireRequest {
  const extra = withoutNotes(nativeFields(request) ?? {});
  const names = createToolNames(request);
  const { items, dropped } = buildInput(request, names);
  const tools = writeTools(request, names);
  const { sampling } = request;
  // Meaningless, and refused, without a stream.
  if (!request.stream) delete extra.stream_options;
  const body = compact({
    store: false,
    ...extra,
    model: request.model,
    instructions: toInstructions(request),
    input: items,
    tools: tools.length ? tools : undefined,
    tool_choice: tools.length ? (extra.tool_choice ?? writeToolChoice(request, names)) : undefined,
    parallel_tool_calls: tools.length ? request.parallelTools : undefined,
    reasoning: toReasoning(request, extra),
    include: toInclude(request, extra),
    text: toText(request, extra),
    temperature: sampling?.temperature,
    top_p: sampling?.topP,
    // OpenAI refuses less than 16 here; Claude Code and Codex send 1 to try a model out.
    max_output_tokens: sampling?.maxTokens === undefined ? undefined : Math.max(sampling.maxTokens, 16),
    top_logprobs: request.logprobs?.top,
    user: toUser(request.userId),
    stream: request.stream,
  });
  const lost = [...new Set([...findDropped(request), ...dropped])];
  return { method: "POST", path: "/v1/responses", body, ...(lost.length && { dropped: lost }) };
}

function toInstructions(request: UnifiedRequest): string | undefined {
  const texts = (request.system ?? []).map((part) => part.text).filter((text) => text !== "");
  // OpenAI refuses JSON mode when nothing it reads mentions JSON; other protocols have no such rule.
  if (request.output?.type === "json" && !mentionsJson(request)) texts.push("Answer with a JSON object.");
  return texts.length ? texts.join("\n\n") : undefined;
}

function mentionsJson({ system = [], messages }: UnifiedRequest): boolean {
  const inText = (part: object): boolean =>
    "text" in part && typeof part.text === "string" && /json/i.test(part.text);
  return system.some(inText) || messages.some(({ content }) => content.some(inText));
}

function toReasoning({ thinking }: UnifiedRequest, extra: Json): Json | undefined {
  const given = extra.reasoning as Json | undefined;
  if (!thinking) return given;
  if (thinking.mode === "off") return { effort: "none" };
  const effort = given?.effort ?? toEffort(thinking);
  const summary = thinking.visible === false ? undefined : "auto";
  return compact({ summary, ...given, effort });
}

function toInclude(request: UnifiedRequest, extra: Json): unknown[] | undefined {
  const include = new Set(Array.isArray(extra.include) ? extra.include : []);
  // Without it nothing of the thinking could be sent back on the next turn.
  if (request.thinking?.mode === "on") include.add("reasoning.encrypted_content");
  if (request.logprobs) include.add("message.output_text.logprobs");
  return include.size ? [...include] : undefined;
}

function toText({ output }: UnifiedRequest, extra: Json): Json | undefined {
  const given = extra.text as Json | undefined;
  return output ? { ...given, format: writeFormat(output) } : given;
}

/** At most 64 characters are taken; Claude Code sends longer ones. */
function toUser(userId: string | undefined): string | undefined {
  if (userId === undefined || userId.length <= 64) return userId;
  return `user_${createHash("sha256").update(userId).digest("hex").slice(0, 32)}`;
}

function findDropped(request: UnifiedRequest): string[] {
  const { sampling = {}, serverTools = [], choices = 1 } = request;
  const fields: [string, unknown][] = [
    ["top_k", sampling.topK],
    ["min_p", sampling.minP],
    ["seed", sampling.seed],
    ["stop sequences", sampling.stop?.length || undefined],
    // 0 is what these stand at anyway.
    ["presence_penalty", sampling.presencePenalty || undefined],
    ["frequency_penalty", sampling.frequencyPenalty || undefined],
    ["repeat_penalty", sampling.repeatPenalty],
    ["n", choices > 1 ? choices : undefined],
  ];
  const words = fields.filter(([, value]) => value !== undefined).map(([word]) => word);
  const foreign = serverTools.filter((tool) => tool.origin !== PROTOCOL).map((tool) => tool.name);
  return [...words, ...foreign, ...readNotes(request).unread];
}
