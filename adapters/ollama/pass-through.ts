import type { Call } from "../adapter.ts";

/** Where a body goes as it is: the very route it came by. */
export function passThrough(call: Call): { path: string; modelInBody: boolean } | undefined {
  const path = PATHS.get(call.variant ?? "");
  return path === undefined ? undefined : { path, modelInBody: true };
}

const PATHS = new Map([
  ["chat", "/api/chat"],
  ["generate", "/api/generate"],
  ["embed", "/api/embed"],
  ["embeddings", "/api/embeddings"],
]);
