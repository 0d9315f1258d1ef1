import { readdirSync, readFileSync } from "node:fs";
import type { WriteContext } from "../../../adapters/adapter.ts";
import { openaiResponses } from "../../../adapters/openai-responses/index.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";

const root = new URL("../../../fixtures/openai-responses/", import.meta.url);

export const loadStream = (name: string): string =>
  readFileSync(new URL(`streams/${name}.sse`, root), "utf8");
export const streamNames = (): string[] =>
  readdirSync(new URL("streams/", root)).map((file) => file.replace(".sse", ""));
export const loadResponse = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`responses/${name}.json`, root), "utf8"));
export const loadRequest = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`requests/${name}.json`, root), "utf8")) as Record<string, unknown>;

const face = openaiResponses.client;
if (!face) throw new Error("the adapter has a client face");
export const client = face;
export const provider = openaiResponses.provider;

export const call = {
  job: "chat" as const,
  variant: "responses",
  params: {},
  query: new URLSearchParams(),
  headers: {},
};
export const parse = (body: unknown): UnifiedRequest => client.parseRequest(body, call);
export const parseFixture = (name: string): UnifiedRequest => parse(loadRequest(name));
export const plain = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "m",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: true,
  ...more,
});

export function context(request: UnifiedRequest): WriteContext {
  let count = 0;
  return {
    call,
    request,
    id: "R".repeat(24),
    newId: () => `id${count++}`,
    createdAt: 1_760_000_000_500,
    now: () => 1_760_000_002_500,
  };
}

export type WireEvent = Record<string, unknown> & { type: string; sequence_number: number };

export function writeEvents(events: StreamEvent[], request: UnifiedRequest = plain()): WireEvent[] {
  const writer = client.createStreamWriter(context(request));
  const text = writer.push(events) + writer.end();
  return readFrames(text);
}

export function readFrames(text: string): WireEvent[] {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => {
      const [first = "", second = ""] = frame.split("\n");
      const event = JSON.parse(second.slice("data: ".length)) as WireEvent;
      if (first !== `event: ${event.type}`) throw new Error(`event line ${first} does not fit ${event.type}`);
      return event;
    });
}

export const without = (object: Record<string, unknown>, ...keys: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

export function listOf(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value as Record<string, unknown>[];
  throw new TypeError("no list");
}
