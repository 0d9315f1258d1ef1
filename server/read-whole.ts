import type { StreamParser } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent } from "../adapters/unified.ts";

export interface WholeReader {
  /** Asked for only where the body is no JSON. */
  createParser: () => StreamParser;
  parseResponse: (body: unknown) => StreamEvent[];
}

/**
 * The events of an answer that came as one body: JSON, or a stream that was sent as such, whatever was asked for and
 * whatever its content type says. Throws GatewayError("upstream") when it is neither.
 */
export function readWhole(text: string, { createParser, parseResponse }: WholeReader): StreamEvent[] {
  let body: unknown;
  try {
    // Some servers put a byte-order mark in front.
    body = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (cause) {
    const parser = createParser();
    const events = [...parser.push(text), ...parser.end()];
    if (events.at(-1)?.type === "finish" || SSE.test(text)) return events;
    const start =
      text.trim() === "" ? "it is empty" : `not JSON but ${JSON.stringify(text.trim().slice(0, 60))}`;
    throw new GatewayError("upstream", `the provider's answer cannot be read: ${start}`, { cause });
  }
  return parseResponse(body);
}

const SSE = /^\s*(?:data|event|id|retry)?:/;
