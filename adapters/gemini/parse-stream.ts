import type { BuildOptions, StreamParser } from "../adapter.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSseParser } from "../sse.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { createToolNames } from "./build-tools.ts";
import { createJsonItems } from "./json-items.ts";
import { createChunkReader } from "./read-chunk.ts";

/** Quirk: `cumulative` (every text holds all of it so far). */
export function createStreamParser(request: UnifiedRequest, options?: BuildOptions): StreamParser {
  const cumulative = options?.quirks?.cumulative === true;
  const reader = createChunkReader({ names: createToolNames(request), cumulative });
  const chunks = createChunkSplitter();
  const parseJson = createAlikeParser();

  const takeAll = (texts: string[], out: StreamEvent[]): void => {
    for (const text of texts) {
      if (reader.done()) return;
      if (text === "[DONE]") reader.close(out);
      else takeOne(text, out);
    }
  };
  const takeOne = (text: string, out: StreamEvent[]): void => {
    const chunk = parseJson(text);
    if (chunk !== undefined) return reader.take(chunk, out);
    reader.take({ error: { message: "the provider sent a chunk that is no JSON" } }, out);
  };
  return {
    push(text) {
      const out: StreamEvent[] = [];
      takeAll(chunks.push(text), out);
      return out;
    },
    end() {
      const out: StreamEvent[] = [];
      // A chunk without its end was cut off: it is no JSON, and what came before decides.
      takeAll(
        chunks.end().filter((text) => text === "[DONE]" || parseJson(text) !== undefined),
        out,
      );
      reader.close(out);
      return out;
    },
  };
}

/** Text of chunks: of server-sent events, or of one JSON array where a provider takes no notice of `alt=sse`. */
function createChunkSplitter() {
  const sse = createSseParser();
  const items = createJsonItems();
  let isJson: boolean | undefined;
  let before = "";
  const data = (events: { data: string }[]): string[] =>
    events.flatMap((event) => (event.data.trim() === "" ? [] : [event.data.trim()]));
  return {
    push(text: string): string[] {
      if (isJson === undefined) {
        before += text;
        const first = /[^\s\uFEFF]/.exec(before)?.[0];
        if (first === undefined) return [];
        isJson = first === "[" || first === "{";
        const all = before;
        before = "";
        return isJson ? items.push(all) : data(sse.push(all));
      }
      return isJson ? items.push(text) : data(sse.push(text));
    },
    end: (): string[] => (isJson ? [] : data(sse.end())),
  };
}
