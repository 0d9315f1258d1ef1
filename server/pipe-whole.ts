import type { GatewayError } from "../adapters/errors.ts";
import { pickHeaders } from "./pick-headers.ts";
import type { PipeOptions } from "./pipe.ts";
import { relayBytes } from "./relay-bytes.ts";
import { addChunk, toBytes, type WholeBody } from "./whole-body.ts";

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
  const body: WholeBody = { chunks: [], size: 0 };
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
      addChunk(body, chunk);
      return true;
    },
    onEnd: () => sendWhole(headers, toBytes(body)),
    onDrain: (resume) => resume(),
  });
}
