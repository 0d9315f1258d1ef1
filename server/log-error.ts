import type { GatewayError } from "../adapters/errors.ts";

/**
 * An error as the request log has it. Providers and checks quote what they do not like, which is a piece of a prompt or
 * of an answer: their words go to the client alone, the log has kind, status, code and place. What the daemon itself
 * found out, it says.
 */
export function logError({ kind, message, upstreamStatus, code, param }: GatewayError): string {
  const ours = OWN_WORDS.has(kind) && upstreamStatus === undefined;
  if (ours) return `${kind}: ${message}`;
  const details = [
    upstreamStatus !== undefined && `HTTP ${upstreamStatus}`,
    code !== undefined && PLAIN.test(code) && code,
    param !== undefined && PLAIN.test(param) && `at ${param}`,
  ].filter(Boolean);
  return details.length === 0 ? kind : `${kind}: ${details.join(", ")}`;
}

const OWN_WORDS = new Set<GatewayError["kind"]>([
  "authentication",
  "permission",
  "method-not-allowed",
  "unavailable",
  "cancelled",
  "internal",
]);

/** A word of a program, no text of a person. */
const PLAIN = /^[\w.[\]-]{1,80}$/;
