import { findAdapter } from "../../adapters/index.ts";
import { foldEvents, replay } from "../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../../adapters/unified.ts";
import { checkAnswer } from "./wire-schemas/check-answer.ts";

export interface Asked {
  status: number;
  headers: Headers;
  /** The body as text. */
  text: string;
  /** What a client of the protocol understands; empty for an error. */
  events: StreamEvent[];
}

/**
 * Asks the daemon as a client of `protocol` would: the request is written and the answer read by that protocol's
 * provider face, over a real socket. `base` is the daemon's URL with group and mode. `body`: sent in place of the one
 * that the request would be written as, but for model and stream. Answers must be what the protocol's official SDK
 * declares, unless they are `handWritten`: a provider's bytes, which go through to its own protocol's client as they are.
 */
export async function ask(
  base: string,
  protocol: string,
  request: UnifiedRequest,
  body?: Record<string, unknown>,
  { handWritten = false } = {},
): Promise<Asked> {
  const face = toFace(protocol);
  const wire = face.buildRequest(request);
  const { model, stream } = request;
  // Gemini's path says both.
  const given = body && (wire.body?.model === undefined ? body : { model, stream, ...body });
  const response = await fetch(base + wire.path, {
    method: "POST",
    headers: { "content-type": "application/json", ...face.headers, ...wire.headers },
    body: JSON.stringify(given ?? wire.body),
  });
  const text = await response.text();
  const asked = { status: response.status, headers: response.headers, text };
  if (!handWritten) {
    const contentType = response.headers.get("content-type") ?? "";
    checkAnswer(protocol, request.stream ? "stream" : "whole", {
      status: response.status,
      contentType,
      text,
    });
  }
  if (!response.ok) return { ...asked, events: [] };
  const parser = face.createStreamParser(request);
  if (request.stream) return { ...asked, events: [...parser.push(text), ...parser.end()] };
  return { ...asked, events: replay(face.parseResponse(JSON.parse(text), request)) };
}

/** The whole answer; throws what went wrong. */
export async function askResult(
  base: string,
  protocol: string,
  request: UnifiedRequest,
): Promise<UnifiedResult> {
  const asked = await ask(base, protocol, request);
  if (asked.status !== 200) throw new Error(`HTTP ${asked.status}: ${asked.text}`);
  return foldEvents(asked.events);
}

function toFace(protocol: string) {
  const adapter = findAdapter(protocol);
  if (!adapter) throw new Error(`no adapter for ${protocol}`);
  return adapter.provider;
}

export const userText = (text: string): UnifiedRequest["messages"][number] => ({
  role: "user",
  content: [{ type: "text", text }],
});
