import { GatewayError } from "../errors.ts";
import { createNameMap } from "../tool-names.ts";
import { compact, isObject } from "../validate.ts";
import { buildMessages } from "./build-messages.ts";
import { buildOutput } from "./build-output.ts";
import { buildSampling } from "./build-sampling.ts";
import { buildThinking } from "./build-thinking.ts";
import { buildToolChoice, buildTools } from "./build-tools.ts";
import { readQuirks } from "./read-quirks.ts";
import { settleRequest } from "./settle-request.ts";
import { toolNameRule } from "./tool-name-rule.ts";
import type { BuildOptions, WireRequest } from "../adapter.ts";
import type { UnifiedRequest } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { Quirks } from "./quirks.ts";

export function buildRequest(request: UnifiedRequest, options?: BuildOptions): WireRequest {
  if (request.nativeOnly !== undefined) throw new GatewayError("unsupported", request.nativeOnly);
  const quirks = readQuirks(options, request.model);
  const { toWire } = createNameMap(request, toolNameRule);
  const dropped: string[] = [];
  const settled = settleRequest(request, quirks, dropped);
  const { instruction, response_format } = buildOutput(request.output, {
    quirks,
    dropped,
    asText: settled.outputAsText,
  });
  const asked = instruction
    ? { ...settled.request, system: [...(request.system ?? []), instruction] }
    : settled.request;
  const context: BuildContext = { request: asked, quirks, toWire, dropped };
  // `functions` came in as tools already, `reasoning` as thinking.
  const {
    stream_options: streamOptions,
    functions: _,
    function_call: __,
    reasoning: ___,
    ...extra
  } = request.extra?.openai ?? {};
  const tools = buildTools(context);
  const hasTools = tools.length > 0;
  if (request.choices !== undefined && request.choices > 1) dropped.push("n");
  const body = compact({
    ...quirks.body,
    ...extra,
    model: request.model,
    messages: buildMessages(context),
    stream: request.stream ? true : undefined,
    stream_options: request.stream
      ? { ...(isObject(streamOptions) && streamOptions), include_usage: true }
      : undefined,
    tools: hasTools ? tools : undefined,
    tool_choice: hasTools ? buildToolChoice(context) : undefined,
    parallel_tool_calls: hasTools ? request.parallelTools : undefined,
    // One without a unified form is among the fields passed on.
    ...(response_format && { response_format }),
    ...buildSampling(context, extra),
    ...buildThinking(context, { hasTools, extra }),
    ...(request.logprobs && { logprobs: true, top_logprobs: request.logprobs.top }),
    user: buildUser(context),
  });
  const wire = renameFields(body, quirks, dropped);
  return {
    method: "POST",
    path: "/v1/chat/completions",
    body: wire,
    ...(dropped.length && { dropped: [...new Set(dropped)] }),
  };
}

/** Takes out what the provider refuses, and gives its own names to the rest. */
function renameFields(
  body: Record<string, unknown>,
  { refuses, rename }: Quirks,
  dropped: string[],
): Record<string, unknown> {
  if (refuses.length === 0 && Object.keys(rename).length === 0) return body;
  const wire: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!refuses.includes(name)) wire[Object.hasOwn(rename, name) ? (rename[name] ?? name) : name] = value;
    else if (!isUsual(name, value)) dropped.push(name);
  }
  return wire;
}

/** Leaving the field out means the same. */
const isUsual = (name: string, value: unknown): boolean =>
  name === "stream_options" || (Object.hasOwn(USUAL, name) && USUAL[name] === value);

/** OpenAI refuses a `user` of more than 64 characters; Claude Code sends a JSON text of several hundred. */
function buildUser({ request, dropped }: BuildContext): string | undefined {
  if (request.userId === undefined || request.userId.length <= 64) return request.userId;
  dropped.push("user");
  return undefined;
}

const USUAL: Record<string, unknown> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  parallel_tool_calls: true,
};
