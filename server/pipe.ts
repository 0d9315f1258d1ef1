import { isAscii } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { StreamParser } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { createByteEvents, findEventEnd, type Framing } from "./byte-events.ts";
import { isJsonBody } from "./content-type.ts";
import { joinHeaders } from "./join-headers.ts";
import type { JoinedWrites, Letters } from "./joined-writes.ts";
import { pickHeaders } from "./pick-headers.ts";
import { MAX_LINE, relayBytes, tooLong, type RelayBytesOptions } from "./relay-bytes.ts";
import { addChunk, toBytes, type WholeBody } from "./whole-body.ts";

export interface PipeOptions extends Pick<
  RelayBytesOptions,
  "upstream" | "provider" | "request" | "signal" | "parseError"
> {
  res: ServerResponse;
  /** Headers beside the provider's own, which go over them. */
  head: Record<string, string>;
  /** Where the stream goes. */
  body: JoinedWrites;
  framing: Framing;
  /** Reads along: what is wrong with an answer, and what it was. */
  createProbe: () => StreamParser;
  /** Whether the answer has begun: what comes before is held back, so that another provider can still be tried. */
  isCommitted: (events: StreamEvent[]) => boolean;
  /** What the probe read, as it is sent. */
  onEvents?: (events: StreamEvent[]) => void;
  /** Rewrites whole events; undefined: bytes go through untouched. */
  patcher: ((events: string) => string) | undefined;
  /** Takes an answer that came as one body. What it throws is the provider's fault. */
  sendWhole: (headers: Record<string, string>, body: Buffer) => void;
  /** The first bytes are about to be sent. */
  onOpen: () => void;
  /** Whether the client may have a provider's error as it is; else it is told in our words. */
  mayShow?: (event: string) => boolean;
  /** The provider itself ended a stream that already began with an error, which the client was sent. */
  onFailure?: (error: GatewayError) => void;
  /** Ends a stream that already began. `last`: the last event that was sent. */
  fail: (error: GatewayError, last: string) => void;
}

/**
 * The answer of a provider of the client's own protocol, byte for byte but for its model name. A stream goes through
 * in whole events, so that one which breaks off can still be ended with an error of our own.
 */
export async function createPipe(options: PipeOptions): Promise<GatewayError | undefined> {
  const { res, body, patcher, framing } = options;
  const letters: Letters = patcher ? "utf8" : "latin1";
  const pieces = createByteEvents(framing);
  // Made only where the answer is a stream.
  let made: StreamParser | undefined;
  const probe = (): StreamParser => (made ??= options.createProbe());
  let headers: Record<string, string> = {};
  let streaming = false;
  let first = true;
  let opened = false;
  let finished = false;
  let failed = false;
  let held = "";
  let last = "";
  const whole: WholeBody = { chunks: [], size: 0 };

  const open = (): void => {
    if (opened) return;
    opened = true;
    options.onOpen();
    if (!res.headersSent) res.writeHead(200, joinHeaders(options.head, headers));
  };
  /** Takes note of one event's bytes. Throws what is wrong with them, unless the client is told so by themselves. */
  const look = (events: StreamEvent[], piece: string): void => {
    let error: GatewayError | undefined;
    const good: StreamEvent[] = [];
    for (const event of events) {
      if (event.type === "error") {
        ({ error } = event);
        break;
      }
      good.push(event);
      if (event.type === "finish") finished = true;
    }
    if (good.length > 0) {
      options.onEvents?.(good);
      if (!opened && options.isCommitted(good)) open();
    }
    if (!error) return;
    if (!opened || !isOwnWord(error, piece) || options.mayShow?.(piece) === false) throw error;
    failed = true;
    options.onFailure?.(error);
  };
  /** What goes to the client next: rewritten, or as it came. `plain`: the same as text, where each letter is a byte. */
  const hold = (part: Buffer, plain?: string): void => {
    held += patcher ? patcher(plain ?? part.toString("utf8")) : (plain ?? part.toString("latin1"));
  };
  const send = (): boolean => {
    const text = held;
    held = "";
    return body.write(text, letters);
  };
  /** Sends what is right of some events, and throws what is not. */
  const pass = (batch: Buffer): boolean => {
    // A letter of it is a byte, so that events are found fast and their places are those of the bytes.
    const text = batch.toString("latin1");
    const isPlain = isAscii(batch);
    let from = 0;
    try {
      // What comes after the end of an answer spoils nothing.
      while (from < text.length && !finished) {
        const to = findEventEnd(text, from, framing);
        const piece = isPlain ? text.slice(from, to) : batch.toString("utf8", from, to);
        look(probe().push(piece), piece);
        last = piece;
        from = to;
      }
    } catch (error) {
      hold(batch.subarray(0, from));
      throw error;
    }
    hold(batch, isPlain || !patcher ? text : undefined);
    return !opened || send();
  };
  const { upstream, provider, request, signal, parseError } = options;
  const outcome = await relayBytes({
    upstream,
    provider,
    request,
    signal,
    parseError,
    onHead(received) {
      headers = pickHeaders(received);
      streaming = !isJsonBody(received);
    },
    onChunk(chunk) {
      if (!streaming) {
        addChunk(whole, chunk);
        return true;
      }
      first = false;
      const batch = pieces.push(chunk);
      if (pieces.pending() > MAX_LINE) throw tooLong();
      return batch.length === 0 || pass(batch);
    },
    isComplete: () => finished,
    onEnd() {
      if (!streaming) return options.sendWhole(headers, toBytes(whole));
      if (first) throw new GatewayError("upstream", "the provider answered with an empty stream");
      const rest = pieces.end();
      if (!finished && !failed) {
        const text = rest.toString("utf8");
        look([...probe().push(text), ...probe().end()], text);
      }
      hold(rest);
      open();
      body.end(held, letters);
    },
    onDrain: (resume) => res.once("drain", resume),
  });
  if (!outcome || !opened) return outcome;
  send();
  options.fail(outcome, last);
  return undefined;
}

/** The provider itself says what is wrong, so that its client reads it; else its stream is broken, or broke off. */
const isOwnWord = ({ code }: GatewayError, piece: string): boolean => code !== undefined || holdsJson(piece);

function holdsJson(piece: string): boolean {
  const data = piece.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith("data:")) return line.slice(5);
    return /^(?:$|event:|id:|retry:|:)/.test(line) ? [] : line;
  });
  try {
    JSON.parse(data.join("\n"));
    return true;
  } catch {
    return false;
  }
}
