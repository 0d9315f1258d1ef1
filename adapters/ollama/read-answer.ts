import { toArgsText } from "../call-args.ts";
import { GatewayError } from "../errors.ts";
import { hideKeys } from "../provider-error.ts";
import { findTool } from "../tool-ids.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { refineError } from "./parse-error.ts";
import { sniff } from "./parse-image.ts";
import { toUsage } from "./usage.ts";

/** Turns the objects of one answer (lines of a stream, or its one body) into events; counts the calls in between. */
export function createAnswerReader(request: UnifiedRequest): (answer: Json) => StreamEvent[] {
  let started = false;
  let calls = 0;

  return function read(answer) {
    if (answer.error !== undefined && answer.error !== null && answer.error !== "") {
      return [{ type: "error", error: toError(answer.error) }];
    }
    const events: StreamEvent[] = [];
    if (!started) {
      started = true;
      events.push({ type: "start", ...(typeof answer.model === "string" && { model: answer.model }) });
    }
    // `/api/generate` says it at the top level.
    const message = isObject(answer.message) ? answer.message : answer;
    const text = isObject(answer.message) ? message.content : answer.response;
    if (isText(message.thinking)) events.push({ type: "thinking-delta", text: message.thinking });
    if (isText(text)) events.push({ type: "text-delta", text });
    for (const image of listOf(message.images)) if (isText(image)) events.push(toMedia(image));
    for (const call of listOf(message.tool_calls)) {
      const made = toCallEvents(call, calls, request);
      if (made.length) calls++;
      events.push(...made);
    }
    const logprobs = listOf(answer.logprobs);
    if (logprobs.length) events.push({ type: "logprobs", logprobs });
    if (answer.done !== true) return events;
    const usage = toUsage(answer);
    const reason = toFinishReason(answer.done_reason, calls > 0);
    return [...events, { type: "finish", reason, ...(usage && { usage }) }];
  };
}

function toCallEvents(call: unknown, index: number, request: UnifiedRequest): StreamEvent[] {
  if (!isObject(call)) return [];
  const callee = isObject(call.function) ? call.function : call;
  const { name, args } = unnest(callee, request);
  if (name === "") return [];
  const id = isText(call.id) ? call.id : undefined;
  return [
    { type: "tool-start", index, ...(id !== undefined && { id }), name },
    { type: "tool-delta", index, json: toArgsText(args) },
  ];
}

/**
 * Name and arguments of a call. Some models write the whole call once more where the arguments belong
 * (`{name, arguments: {name, arguments: {…}}}`), or put the one object into a list: trap 28.
 */
function unnest(callee: Json, request: UnifiedRequest): { name: string; args: unknown } {
  const name = typeof callee.name === "string" ? callee.name : "";
  const given = callee.arguments ?? callee.parameters;
  const args = Array.isArray(given) && given.length === 1 && isObject(given[0]) ? given[0] : given;
  if (!isObject(args) || typeof args.name !== "string") return { name, args };
  const inner = args.arguments ?? args.parameters;
  const wraps = isObject(inner) && Object.keys(args).length === 2 && (name === "" || args.name === name);
  const properties = findTool(request, name)?.parameters.properties;
  const isMeant = isObject(properties) && "name" in properties;
  return wraps && !isMeant ? { name: args.name, args: inner } : { name, args };
}

/** An `error` inside an answer that began with status 200. */
function toError(value: unknown): GatewayError {
  const message = isText(value)
    ? value
    : isObject(value) && isText(value.message)
      ? value.message
      : undefined;
  const { kind, code } = refineError("upstream", message ?? "");
  return new GatewayError(kind, hideKeys(message ?? "the provider reported an error without a text"), {
    code,
  });
}

const toMedia = (data: string): StreamEvent => ({
  type: "media",
  media: { type: "media", mimeType: sniff(data), source: { kind: "base64", data } },
});

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
