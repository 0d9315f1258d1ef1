import { readFileSync } from "node:fs";
import type { Call, WriteContext } from "../../../adapters/adapter.ts";
import type { UnifiedRequest } from "../../../adapters/unified.ts";

const root = new URL("../../../fixtures/ollama/", import.meta.url);

export const readText = (path: string): string => readFileSync(new URL(path, root), "utf8");
export const readJson = (path: string): unknown => JSON.parse(readText(path));

export const request = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "some-model",
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: false,
  ...more,
});

export const toCall = (variant: string, more: Partial<Call> = {}): Call => ({
  job: "chat",
  variant,
  params: {},
  query: new URLSearchParams(),
  headers: {},
  ...more,
});

export const CREATED_AT = Date.UTC(2026, 7, 1, 10, 0, 0, 120);

/** A context whose clock goes on by `step` milliseconds at every look. */
export function toContext(variant: string, more: Partial<UnifiedRequest> = {}, step = 0): WriteContext {
  let now = CREATED_AT;
  let ids = 0;
  return {
    call: toCall(variant),
    request: request(more),
    id: "A".repeat(24),
    newId: () => `NewId${String(ids++).padStart(19, "0")}`,
    createdAt: CREATED_AT,
    now: () => (now += step),
  };
}
