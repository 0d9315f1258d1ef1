import type { ServerResponse } from "node:http";
import type { Headers, StreamParser } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { createByteLines } from "./byte-lines.ts";
import { isJsonBody } from "./content-type.ts";
import { MAX_BODY, MAX_LINE, relayBytes, tooLarge, tooLong, type RelayBytesOptions } from "./relay-bytes.ts";

export interface PipeOptions extends Pick<
  RelayBytesOptions,
  "upstream" | "provider" | "request" | "signal" | "parseError"
> {
  res: ServerResponse;
  /** A stream was asked for. */
  stream: boolean;
  /** Reads the first bytes of a stream: a provider that begins with an error has not begun to answer. */
  probe: StreamParser;
  /** Rewrites whole lines; undefined: bytes go through untouched. */
  patcher: ((lines: string) => string) | undefined;
  /** Takes an answer that came as one body. What it throws is the provider's fault. */
  sendWhole: (headers: Record<string, string>, body: Buffer) => void;
  /** The first bytes are about to be sent. */
  onOpen: () => void;
  /** Ends a stream that already began. */
  fail: (error: GatewayError) => void;
}

/**
 * The answer of a provider of the client's own protocol, byte for byte but for its model name. A stream goes through
 * in whole lines, so that one which breaks off can still be ended with an error that is not glued to half a line.
 */
export async function createPipe(options: PipeOptions): Promise<GatewayError | undefined> {
  const { res, patcher } = options;
  const lines = createByteLines();
  let headers: Record<string, string> = {};
  let streaming = false;
  let first = true;
  let opened = false;
  const body: Buffer[] = [];
  let bodySize = 0;

  const open = (): void => {
    if (opened) return;
    opened = true;
    options.onOpen();
    if (!res.headersSent) res.writeHead(200, headers);
  };
  const rewrite = (text: Buffer): Buffer | string => (patcher ? patcher(text.toString("utf8")) : text);
  const outcome = await relayBytes({
    ...options,
    onHead(received) {
      headers = pick(received);
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
      const whole = lines.push(chunk);
      if (lines.pending() > MAX_LINE) throw tooLong();
      if (whole.length === 0) return true;
      const early = opened ? undefined : toEarlyError(options.probe.push(whole.toString("utf8")));
      if (early) throw early;
      open();
      return res.write(rewrite(whole));
    },
    onDrain: (resume) => res.once("drain", resume),
  });
  if (outcome) {
    if (!opened) return outcome;
    options.fail(outcome);
    return undefined;
  }
  if (!streaming) {
    try {
      options.sendWhole(headers, Buffer.concat(body));
      return undefined;
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    }
  }
  if (first) return new GatewayError("upstream", "the provider answered with an empty stream");
  const rest = lines.end();
  if (!opened) {
    const error = toEarlyError([...options.probe.push(rest.toString("utf8")), ...options.probe.end()]);
    if (error) return error;
  }
  open();
  res.end(rewrite(rest));
  return undefined;
}

/** An error in front of everything else, but for the greeting: nothing of an answer has been lost yet. */
function toEarlyError(events: StreamEvent[]): GatewayError | undefined {
  const first = events.find(({ type }) => type !== "start");
  return first?.type === "error" ? first.error : undefined;
}

/** What of a provider's headers a client may see. */
function pick(headers: Headers): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && PASSED.test(name)) picked[name] = value;
  }
  return picked;
}

const PASSED =
  /^(?:content-type|cache-control|request-id|x-request-id|openai-processing-ms|(?:x|anthropic)-ratelimit-[a-z-]+)$/;
