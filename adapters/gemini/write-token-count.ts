import type { Call } from "../adapter.ts";
import type { UnifiedRequest } from "../unified.ts";
import type { Json } from "../validate.ts";
import { isAllText } from "./usage.ts";

export const writeTokenCount = (totalTokens: number, _call: Call, request?: UnifiedRequest): Json => ({
  totalTokens,
  ...(request &&
    isAllText(request) && { promptTokensDetails: [{ modality: "TEXT", tokenCount: totalTokens }] }),
});
