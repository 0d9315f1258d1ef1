import type { Protocol, Signature } from "./unified.ts";

/**
 * Signatures pass through clients of other protocols in a sealed form that names their origin, so that a provider
 * never gets a signature of another one, and gets its own back byte for byte.
 */
const MARK = "ccproxy.";

/** How a sealed form begins in base64, which stands for it where a protocol's field is bytes (Gemini's). */
export const MARK_IN_BASE64 = Buffer.from(MARK, "utf8").toString("base64").slice(0, 10);

/** Whether a request body may hold signatures of another protocol, which a provider of its own would refuse. */
export const holdsSealed = (body: string): boolean => SEALED.test(body);

/** One search that knows both is many times faster than looking for each: a body is full of quotes. */
const SEALED = new RegExp(`"(?:${MARK.replace(".", "\\.")}|${MARK_IN_BASE64})`);

/** How a client of `protocol` is shown the signature. One that looks sealed came from another ccproxy: sealed again. */
export function sealSignature({ origin, value }: Signature, protocol: Protocol): string {
  return origin === protocol && !value.startsWith(MARK) ? value : `${MARK}${origin}.${value}`;
}

/** What a client of `protocol` sent back. */
export function openSignature(text: string, protocol: Protocol): Signature {
  if (!text.startsWith(MARK)) return { origin: protocol, value: text };
  const end = text.indexOf(".", MARK.length);
  if (end === -1) return { origin: protocol, value: text };
  return { origin: text.slice(MARK.length, end), value: text.slice(end + 1) };
}
