import { readdirSync, readFileSync } from "node:fs";
import type { Call, WriteContext } from "../../../adapters/adapter.ts";
import type { UnifiedRequest } from "../../../adapters/unified.ts";

const root = new URL("../../../fixtures/openai/", import.meta.url);

export const loadJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), "utf8"));
export const loadStream = (name: string): string =>
  readFileSync(new URL(`streams/${name}.sse`, root), "utf8");
export const listStreams = (): string[] =>
  readdirSync(new URL("streams/", root)).map((file) => file.replace(/\.sse$/, ""));

export function makeCall(variant = "chat"): Call {
  return { job: "chat", variant, params: {}, query: new URLSearchParams(), headers: {} };
}

export const weather = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export const request: UnifiedRequest = {
  model: "some-model",
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  tools: [
    { name: "get_weather", parameters: weather },
    { name: "now", parameters: { type: "object" } },
    { name: "apply_patch", kind: "custom", parameters: { type: "object" } },
  ],
  stream: true,
};

export function makeContext(changes: Partial<UnifiedRequest> = {}, variant = "chat"): WriteContext {
  let count = 0;
  return {
    call: makeCall(variant),
    request: { ...request, ...changes },
    id: "id0",
    newId: () => `id${++count}`,
    createdAt: 1_750_000_000_400,
    now: () => 1_750_000_001_000,
  };
}
