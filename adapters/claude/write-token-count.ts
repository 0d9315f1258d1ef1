import type { Call } from "../adapter.ts";
import type { UnifiedRequest } from "../unified.ts";
import { isObject } from "../validate.ts";
import { isBeta } from "./is-beta.ts";
import { PROTOCOL } from "./wire.ts";

/** Beta clients are also told what the count was before the edits they asked for: none are made here. */
export function writeTokenCount(inputTokens: number, call: Call, request?: UnifiedRequest): unknown {
  if (!isBeta(call)) return { input_tokens: inputTokens };
  const asked = isObject(request?.extra?.[PROTOCOL]?.context_management);
  return {
    context_management: asked ? { original_input_tokens: inputTokens } : null,
    input_tokens: inputTokens,
  };
}
