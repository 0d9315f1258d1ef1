import { GatewayError } from "../errors.ts";
import { foldEvents } from "../fold.ts";
import { isObject } from "../validate.ts";
import { readQuirks } from "./read-quirks.ts";
import { createChunkReader } from "./read-chunk.ts";
import type { BuildOptions } from "../adapter.ts";
import type { UnifiedRequest, UnifiedResult } from "../unified.ts";

/** A provider's full answer. Throws its error where a body with status 200 holds one. */
export function parseResponse(body: unknown, request: UnifiedRequest, options?: BuildOptions): UnifiedResult {
  const chunks = createChunkReader(request, readQuirks(options, request.model));
  const events = chunks.take(body);
  const failed = events.at(-1);
  if (failed?.type === "error") throw failed.error;
  const choices = isObject(body) ? body.choices : undefined;
  if (!Array.isArray(choices) || !choices.some(isObject)) {
    throw new GatewayError("upstream", "the provider's answer holds no choices");
  }
  return foldEvents([...events, ...chunks.finish()]);
}
