import { isObject } from "../validate.ts";
import type { UnifiedRequest } from "../unified.ts";

/** Where a client looks for thoughts: those that ask in OpenRouter's way read its `reasoning`, others DeepSeek's field. */
export const toThoughtField = (request: UnifiedRequest): "reasoning" | "reasoning_content" =>
  isObject(request.extra?.openai?.reasoning) ? "reasoning" : "reasoning_content";
