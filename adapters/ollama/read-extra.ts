import type { UnifiedRequest } from "../unified.ts";
import type { OllamaExtra } from "./wire.ts";

/** What the request carries for this protocol alone. */
export const readExtra = (request: Pick<UnifiedRequest, "extra">): OllamaExtra =>
  (request.extra?.ollama ?? {}) as OllamaExtra;
