import { completeArgs } from "../call-args.ts";
import { unwrapCustomInput } from "../custom-tools.ts";
import { sealSignature } from "../signature.ts";
import { findTool } from "../tool-ids.ts";
import type { ToolCallPart, UnifiedRequest } from "../unified.ts";
import type { WireCall } from "./wire.ts";

/** A call as the client knows the tool: a custom tool gets its free text back. */
export function writeCall(call: Omit<ToolCallPart, "type">, request: UnifiedRequest): WireCall {
  const { id, name, args, signature } = call;
  if (isCustom(name, request))
    return { id, type: "custom", custom: { name, input: unwrapCustomInput(args) } };
  const signed = signature && {
    extra_content: { google: { thought_signature: sealSignature(signature, "openai") } },
  };
  return { id, type: "function", function: { name, arguments: completeArgs(args) }, ...signed };
}

export const isCustom = (name: string, request: UnifiedRequest): boolean =>
  findTool(request, name)?.kind === "custom";

/** The client asked with `functions`, the form before `tools`, and expects `function_call` in the answer. */
export function wantsFunctionCall(request: UnifiedRequest): boolean {
  return Array.isArray(request.extra?.openai?.functions);
}
