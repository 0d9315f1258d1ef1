import type { StreamParser } from "../adapters/adapter.ts";
import type { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { isJsonBody, isStreamBody } from "./content-type.ts";
import { readWhole } from "./read-whole.ts";
import { MAX_LINE, relayBytes, tooLong, type RelayBytesOptions } from "./relay-bytes.ts";
import { createUtf8Lines } from "./utf8-lines.ts";
import { addChunk, toBytes, type WholeBody } from "./whole-body.ts";

export interface RelayOptions extends Omit<RelayBytesOptions, "onHead" | "onChunk" | "onEnd" | "isComplete"> {
  /** A stream was asked for. A provider that answers with one body all the same is understood too. */
  stream: boolean;
  createParser: () => StreamParser;
  parseResponse: (body: unknown) => StreamEvent[];
  /** Takes one batch per upstream chunk; never an `error` event. Returns false when the client's buffer is full. */
  take: (events: StreamEvent[]) => boolean;
}

/** One exchange with a provider as events: bytes → text → events → `take`, one batch per chunk. */
export function relay(options: RelayOptions): Promise<GatewayError | undefined> {
  // Made only where a stream is expected, or the answer is one.
  let made: StreamParser | undefined;
  const parser = (): StreamParser => (made ??= options.createParser());
  let lines: ReturnType<typeof createUtf8Lines> | undefined;
  let whole = false;
  let finished = false;
  let body: WholeBody | undefined;

  const deliver = (events: StreamEvent[]): boolean => {
    let error: GatewayError | undefined;
    let ends = false;
    let good = 0;
    for (const event of events) {
      if (event.type === "error") {
        ({ error } = event);
        break;
      }
      ends ||= event.type === "finish";
      good++;
    }
    const goOn = good === 0 || options.take(error ? events.slice(0, good) : events);
    finished ||= ends;
    if (error) throw error;
    return goOn;
  };
  const { upstream, provider, request, parseError, onDrain, signal } = options;
  const relayed = relayBytes({
    upstream,
    provider,
    request,
    parseError,
    onDrain,
    signal,
    onHead(headers) {
      whole = options.stream ? isJsonBody(headers) : !isStreamBody(headers);
    },
    onChunk(chunk) {
      if (!whole) {
        lines ??= createUtf8Lines();
        const goOn = deliver(parser().push(lines.push(chunk)));
        if (lines.pending() > MAX_LINE) throw tooLong();
        return goOn;
      }
      addChunk((body ??= { chunks: [], size: 0 }), chunk);
      return true;
    },
    isComplete: () => finished,
    onEnd() {
      if (whole) deliver(readWhole(body ? toBytes(body).toString("utf8") : "", options));
      else {
        const tail = lines?.end() ?? "";
        deliver([...(tail === "" ? [] : parser().push(tail)), ...parser().end()]);
      }
    },
  });
  // While the provider thinks there is time for it.
  if (options.stream && !signal.aborted) parser();
  return relayed;
}
