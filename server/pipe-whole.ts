import type { GatewayError } from "../adapters/errors.ts";
import { pickHeaders } from "./pick-headers.ts";
import type { PipeOptions } from "./pipe.ts";
import { MAX_BODY, relayBytes, tooLarge } from "./relay-bytes.ts";

/** The answer of a provider of the client's own protocol where no stream was asked for: one body, sent as a whole. */
export function pipeWhole({
  upstream,
  provider,
  request,
  signal,
  parseError,
  sendWhole,
}: Pick<PipeOptions, "upstream" | "provider" | "request" | "signal" | "parseError" | "sendWhole">): Promise<
  GatewayError | undefined
> {
  let headers: Record<string, string> = {};
  const body: Buffer[] = [];
  let size = 0;
  return relayBytes({
    upstream,
    provider,
    request,
    signal,
    parseError,
    onHead(received) {
      headers = pickHeaders(received);
    },
    onChunk(chunk) {
      size += chunk.length;
      if (size > MAX_BODY) throw tooLarge();
      body.push(chunk);
      return true;
    },
    onEnd: () => sendWhole(headers, body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body)),
    onDrain: (resume) => resume(),
  });
}
