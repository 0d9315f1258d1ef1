import type { BuildOptions, Call } from "../adapter.ts";
import { readQuirks } from "./read-quirks.ts";

/**
 * Where a client's body of this protocol goes as it is. Not where a stream would hold all text so far in every piece:
 * no client can know that, so such an answer is read and written anew.
 */
export function passThrough(
  call: Call,
  model: string,
  stream: boolean,
  options?: BuildOptions,
): { path: string; modelInBody: boolean } | undefined {
  if (call.job !== "chat") return undefined;
  if (stream && readQuirks(options, model).cumulative) return undefined;
  if (call.variant === "chat") return { path: "/v1/chat/completions", modelInBody: true };
  return call.variant === "completions" ? { path: "/v1/completions", modelInBody: true } : undefined;
}
