import type { Headers } from "../adapters/adapter.ts";

/** Some providers answer with one JSON body where a stream was asked for … */
export const isJsonBody = (headers: Headers): boolean =>
  /^application\/json\b/i.test(headers["content-type"] ?? "");

/** … and some send a stream that nobody asked for. */
export const isStreamBody = (headers: Headers): boolean =>
  /^(?:text\/event-stream|application\/(?:x-)?ndjson)\b/i.test(headers["content-type"] ?? "");
