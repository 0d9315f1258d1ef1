import type { UnifiedRequest } from "../unified.ts";
import type { Conflict, Quirks } from "./quirks.ts";

export interface Settled {
  request: UnifiedRequest;
  /** The output format cannot be asked for: it is described in the system text. */
  outputAsText: boolean;
}

/**
 * The request as this provider can serve it. What works only without thinking turns thinking off, because a forced call
 * or a format makes or breaks the answer; where thinking cannot be turned off, the other gives way. What is lost on
 * the way is in `dropped`.
 */
export function settleRequest(request: UnifiedRequest, quirks: Quirks, dropped: string[]): Settled {
  const chosen = settleToolChoice(request, quirks, dropped);
  const conflicts = quirks.unthinking.filter((conflict) => applies(conflict, chosen));
  if (conflicts.length === 0) return { request: chosen, outputAsText: false };
  if (quirks.thinkingOff) {
    if (chosen.thinking?.mode === "on") dropped.push("thinking");
    return { request: { ...chosen, thinking: { mode: "off" } }, outputAsText: false };
  }
  const forced = conflicts.includes("forced-tools");
  if (forced) dropped.push("tool_choice");
  const outputAsText = conflicts.includes("output");
  if (outputAsText) dropped.push("response_format");
  return { request: forced ? { ...chosen, toolChoice: "auto" } : chosen, outputAsText };
}

function applies(conflict: Conflict, request: UnifiedRequest): boolean {
  switch (conflict) {
    case "forced-tools":
      return isForced(request) && hasTools(request);
    case "output":
      return request.output !== undefined;
    case "unstreamed":
      return !request.stream;
    default:
      return conflict satisfies never;
  }
}

function settleToolChoice(request: UnifiedRequest, quirks: Quirks, dropped: string[]): UnifiedRequest {
  const { toolChoice } = request;
  if (quirks.toolChoice === "all" || toolChoice === undefined || !hasTools(request)) return request;
  if (quirks.toolChoice === "words") {
    if (typeof toolChoice !== "object") return request;
    const tools = request.tools?.filter((tool) => tool.name === toolChoice.name);
    return { ...request, toolChoice: "required", ...(tools?.length && { tools }) };
  }
  // A model without tools calls none.
  if (toolChoice === "none") return { ...request, tools: undefined, toolChoice: undefined };
  if (isForced(request)) dropped.push("tool_choice");
  return { ...request, toolChoice: "auto" };
}

const isForced = ({ toolChoice }: UnifiedRequest): boolean =>
  toolChoice === "required" || typeof toolChoice === "object";

const hasTools = ({ tools, serverTools }: UnifiedRequest): boolean =>
  Boolean(tools?.length ?? 0) || Boolean(serverTools?.length ?? 0);
