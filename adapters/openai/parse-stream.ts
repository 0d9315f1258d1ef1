import { GatewayError } from "../errors.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSkimmer } from "../skim-wire.ts";
import { createSseParser, type SseEvent } from "../sse.ts";
import { isObject } from "../validate.ts";
import { readQuirks } from "./read-quirks.ts";
import { createChunkReader } from "./read-chunk.ts";
import { createTextChunks } from "./text-chunk.ts";
import type { BuildOptions, StreamParser } from "../adapter.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";

/**
 * A provider's stream → events. The finish waits for `[DONE]` or the end of the stream, because usage comes after the
 * finish reason. `[DONE]` alone counts as an end too; an end without either is a broken answer.
 */
export function createStreamParser(request: UnifiedRequest, options?: BuildOptions): StreamParser {
  const sse = createSseParser();
  const parseJson = createAlikeParser();
  const chunks = createChunkReader(request, readQuirks(options, request.model));
  // What came before the first event: a provider that ignores `stream` answers with plain JSON.
  let plain: string[] | undefined = [];
  let closed = false;

  const close = (events: StreamEvent[]): StreamEvent[] => {
    closed = true;
    return events;
  };
  const fail = (message: string): StreamEvent[] =>
    close([{ type: "error", error: new GatewayError("upstream", message) }]);
  const takeChunk = (chunk: unknown): StreamEvent[] => {
    const events = chunks.take(chunk);
    if (events.at(-1)?.type === "error") closed = true;
    return events;
  };
  const takeEvent = ({ data, event }: SseEvent): readonly StreamEvent[] => {
    const text = data.trim();
    if (text === "") return [];
    if (text === "[DONE]") {
      return chunks.begun() ? close(chunks.finish()) : fail("the provider's stream ended without an answer");
    }
    const chunk = parseJson(text);
    if (chunk === undefined) {
      // Nothing after the finish reason can spoil the answer.
      return chunks.ended() ? [] : fail("the provider's stream holds an event that is no JSON");
    }
    const named = event === "error" && isObject(chunk) && chunk.error === undefined;
    return takeChunk(named ? { error: chunk } : chunk);
  };
  const takeAll = (all: SseEvent[]): StreamEvent[] => {
    const events: StreamEvent[] = [];
    for (const event of all) {
      if (closed) break;
      for (const made of takeEvent(event)) events.push(made);
    }
    return events;
  };
  const takePlain = (): StreamEvent[] => {
    const body = parseJson((plain ?? []).join("").trim());
    return isObject(body) ? takeChunk(body) : [];
  };
  const read = (wire: string, out: StreamEvent[]): void => {
    const events = sse.push(wire);
    if (events.length) plain = undefined;
    else plain?.push(wire);
    for (const event of takeAll(events)) out.push(event);
  };
  return {
    push: createSkimmer({
      texts: createTextChunks(),
      close: "\n\n",
      isBetween: sse.isBetween,
      isOver: () => closed,
      read,
      takeText: (text, _sample, out) => chunks.takeText(text, out),
    }),
    end() {
      if (closed) return [];
      const last = sse.end();
      if (last.length) plain = undefined;
      const events = plain ? takePlain() : takeAll(last);
      if (closed) return events;
      const finish = chunks.ended()
        ? close(chunks.finish())
        : fail("the provider's stream broke off before the answer was finished");
      return [...events, ...finish];
    },
  };
}
