import { readdirSync, readFileSync } from "node:fs";
import type { Call, WriteContext } from "../../../adapters/adapter.ts";
import { createStreamParser } from "../../../adapters/gemini/parse-stream.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";

const ROOT = new URL("../../../fixtures/gemini/", import.meta.url);

export const names = (kind: "requests" | "responses" | "streams"): string[] =>
  readdirSync(new URL(`${kind}/`, ROOT)).toSorted();
export const readText = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
export const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readText(path)) as Record<string, unknown>;

export const request = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "gemini-2.5-flash",
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: false,
  ...more,
});

export const call = (variant = "stream", query = "alt=sse"): Call => ({
  job: variant === "count" ? "count-tokens" : variant.endsWith("embed") ? "embed" : "chat",
  variant,
  params: { model: "asked-for" },
  query: new URLSearchParams(query),
  headers: { "x-goog-api-key": "k" },
});

export const context = (more: Partial<UnifiedRequest> = {}, from = call()): WriteContext => {
  let count = 0;
  return {
    call: from,
    request: request({ model: "asked-for", thinking: { mode: "on" }, ...more }),
    id: "a".repeat(24),
    newId: () => `new${++count}`,
    createdAt: 0,
    now: () => 0,
  };
};

/** All events of a provider's stream. */
export function parseAll(pieces: string[], asked = request()): StreamEvent[] {
  const parser = createStreamParser(asked);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}

/** The same as clients of other protocols are told them. */
export const parse = (pieces: string[], asked = request()): StreamEvent[] =>
  parseAll(pieces, asked).flatMap(toPlain);

export function toPlain(event: StreamEvent): StreamEvent[] {
  switch (event.type) {
    case "native":
      return [];
    case "start": {
      const { usage: _usage, native: _native, ...rest } = event;
      return [rest];
    }
    case "finish": {
      const { native: _native, ...rest } = event;
      return [rest];
    }
    default:
      return [event];
  }
}

export const weather = {
  name: "get_weather",
  description: "The weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
