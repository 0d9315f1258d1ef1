import { readdirSync, readFileSync } from "node:fs";
import type { Call, WriteContext } from "../../../adapters/adapter.ts";
import type { UnifiedRequest } from "../../../adapters/unified.ts";

const ROOT = new URL("../../../fixtures/claude/", import.meta.url);

export const names = (kind: "requests" | "responses" | "streams"): string[] =>
  readdirSync(new URL(`${kind}/`, ROOT)).toSorted();
export const readText = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
export const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readText(path)) as Record<string, unknown>;

export const request = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "some-model",
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: false,
  ...more,
});

export const call = (job: Call["job"] = "chat", query = ""): Call => ({
  job,
  params: {},
  query: new URLSearchParams(query),
  headers: { "anthropic-version": "2023-06-01" },
  requestId: "req_1",
});

export const context = (more: Partial<UnifiedRequest> = {}): WriteContext => {
  let count = 0;
  return {
    call: call(),
    request: request({ model: "asked-for", ...more }),
    id: "a".repeat(24),
    newId: () => `new${++count}`,
    createdAt: 0,
    now: () => 0,
  };
};

export const weather = {
  name: "get_weather",
  description: "The weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
