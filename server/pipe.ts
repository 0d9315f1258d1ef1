import { isAscii } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { StreamParser } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { createByteEvents, findEventEnd, type Framing } from "./byte-events.ts";
import { isJsonBody } from "./content-type.ts";
import { pickHeaders } from "./pick-headers.ts";
import { MAX_BODY, MAX_LINE, relayBytes, tooLarge, tooLong, type RelayBytesOptions } from "./relay-bytes.ts";

export interface PipeOptions extends Pick<
  RelayBytesOptions,
  "upstream" | "provider" | "request" | "signal" | "parseError"
> {
  res: ServerResponse;
  /** A stream was asked for. */
  stream: boolean;
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
  const { res, patcher, framing } = options;
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
  let held: Buffer[] = [];
  let heldText = "";
  let heldSize = 0;
  let waits = false;
  let last = "";
  const body: Buffer[] = [];
  let bodySize = 0;

  const open = (): void => {
    if (opened) return;
    opened = true;
    options.onOpen();
    if (!res.headersSent) res.writeHead(200, headers);
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
  /** What goes to the client next: rewritten, or as it came. `letters`: the same as text, where each is a byte. */
  const hold = (part: Buffer, letters?: string): void => {
    if (patcher) heldText += patcher(letters ?? part.toString("utf8"));
    else held.push(part);
    heldSize += part.length;
  };
  const release = (): Buffer | string => {
    const all = patcher ? heldText : held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    [held, heldText, heldSize] = [[], "", 0];
    return all;
  };
  const flush = (): boolean => {
    waits = false;
    if (heldSize === 0) return true;
    const all = release();
    return res.destroyed || res.writableEnded || res.write(all);
  };
  /** Sends what is held before the event loop goes on: together with what else the same read brought. */
  const send = (): boolean => {
    if (!waits) process.nextTick(flush);
    waits = true;
    return (heldSize < LONGEST && !res.writableNeedDrain) || flush();
  };
  /** Sends what is right of some events, and throws what is not. */
  const pass = (batch: Buffer): boolean => {
    // A letter of it is a byte, so that events are found fast and their places are those of the bytes.
    const letters = batch.toString("latin1");
    const isText = isAscii(batch);
    let from = 0;
    try {
      // What comes after the end of an answer spoils nothing.
      while (from < letters.length && !finished) {
        const to = findEventEnd(letters, from, framing);
        const piece = isText ? letters.slice(from, to) : batch.toString("utf8", from, to);
        look(probe().push(piece), piece);
        last = piece;
        from = to;
      }
    } catch (error) {
      hold(batch.subarray(0, from), isText ? letters.slice(0, from) : undefined);
      throw error;
    }
    hold(batch, isText ? letters : undefined);
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
      streaming = options.stream && !isJsonBody(received);
    },
    onChunk(chunk) {
      if (!streaming) {
        bodySize += chunk.length;
        if (bodySize > MAX_BODY) throw tooLarge();
        body.push(chunk);
        return true;
      }
      first = false;
      const batch = pieces.push(chunk);
      if (pieces.pending() > MAX_LINE) throw tooLong();
      return batch.length === 0 || pass(batch);
    },
    isComplete: () => finished,
    onEnd() {
      if (!streaming) return options.sendWhole(headers, Buffer.concat(body));
      if (first) throw new GatewayError("upstream", "the provider answered with an empty stream");
      const rest = pieces.end();
      if (!finished && !failed) {
        const text = rest.toString("utf8");
        look([...probe().push(text), ...probe().end()], text);
      }
      hold(rest);
      open();
      const all = release();
      if (!res.destroyed) res.end(all);
    },
    onDrain: (resume) => res.once("drain", resume),
  });
  if (!outcome || !opened) return outcome;
  flush();
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

/** Bytes: more is not held even for so short a time. */
const LONGEST = 64 * 1024;
