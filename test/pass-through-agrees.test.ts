import { describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import type { Adapter, ClientFace, WriteContext } from "../adapters/adapter.ts";
import { foldEvents } from "../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../adapters/unified.ts";
import { listFixtures, readFixture } from "./support/fixtures.ts";

/**
 * What a client of a protocol reads from a provider's bytes as they are must be what it reads when the same bytes were
 * converted: read into events and written anew.
 */
const request: UnifiedRequest = {
  model: "m",
  messages: [],
  stream: true,
  // Gemini shows thoughts only to those who ask for them.
  thinking: { mode: "on" },
  // OpenAI's usage comes only where it is asked for.
  extra: { openai: { stream_options: { include_usage: true } } },
};

function readStream({ provider }: Adapter, text: string): StreamEvent[] {
  const parser = provider.createStreamParser(request);
  return [...parser.push(text), ...parser.end()];
}

function rewrite(adapter: Adapter, face: ClientFace, events: StreamEvent[]): string {
  const route = face.routes.find(({ job, variant }) => job === "chat" && variant !== "generate");
  let count = 0;
  const newId = (): string => `id${count++}`.padEnd(24, "0");
  const call = {
    job: "chat" as const,
    variant: toStreamVariant(adapter, route?.variant),
    params: { model: "m" },
  };
  const context: WriteContext = {
    call: { ...call, query: new URLSearchParams("alt=sse"), headers: {} },
    request,
    id: newId(),
    newId,
    createdAt: 1_700_000_000_000,
    now: () => 1_700_000_000_900,
  };
  const writer = face.createStreamWriter(context);
  return events.map((event) => writer.push([event])).join("") + writer.end();
}

/** Gemini's streams have a route of their own; the others tell by the body. */
const toStreamVariant = ({ client }: Adapter, variant: string | undefined): string | undefined =>
  client?.routes.some((route) => route.variant === "stream") ? "stream" : variant;

/** What a client makes of an answer. Ids may be given anew, text may be cut into other parts. */
function understood(result: UnifiedResult) {
  const textOf = (kind: "text" | "thinking"): string =>
    result.content.map((part) => (part.type === kind ? part.text : "")).join("");
  return {
    // Claude has no field for the words of a refusal: they are text to its clients.
    text: textOf("text") + (result.refusal ?? ""),
    thinking: textOf("thinking"),
    signatures: result.content.flatMap((part) =>
      part.type === "thinking" && part.signature ? [part.signature] : [],
    ),
    calls: result.content.flatMap((part) =>
      part.type === "tool-call" ? [{ name: part.name, args: readArgs(part.args) }] : [],
    ),
    finishReason: result.finishReason,
    inputTokens: result.usage?.inputTokens ?? 0,
    outputTokens: result.usage?.outputTokens ?? 0,
    cachedTokens: result.usage?.cachedTokens ?? 0,
  };
}

/** Arguments that were cut off stay text. */
function readArgs(args: string): unknown {
  try {
    return JSON.parse(args || "{}");
  } catch {
    return args;
  }
}

describe.each(adapters.map((adapter) => [adapter.protocol, adapter] as const))("%s", (protocol, adapter) => {
  const face = adapter.client as ClientFace;
  const streams = listFixtures(`${protocol}/streams`).filter((name) => /\.(sse|ndjson)$/.test(name));

  it("has streams to compare", () => expect(streams.length).toBeGreaterThan(3));

  it.each(streams)("means the same passed through and converted: %s", (name) => {
    const events = readStream(adapter, readFixture(`${protocol}/streams/${name}`));
    if (events.at(-1)?.type === "error") {
      expect(readStream(adapter, rewrite(adapter, face, events)).at(-1)).toMatchObject({ type: "error" });
      return;
    }
    const converted = foldEvents(readStream(adapter, rewrite(adapter, face, events)));
    expect(understood(converted)).toEqual(understood(foldEvents(events)));
  });
});
