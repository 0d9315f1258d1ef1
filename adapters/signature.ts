import type { Protocol, Signature } from "./unified.ts";

/**
 * Signatures pass through clients of other protocols in a sealed form that names their origin, so that a provider
 * never gets a signature of another one, and gets its own back byte for byte.
 */
const MARK = "ccproxy.";

/** How a client of `protocol` is shown the signature. */
export function sealSignature(signature: Signature, protocol: Protocol): string {
  return signature.origin === protocol ? signature.value : `${MARK}${signature.origin}.${signature.value}`;
}

/** What a client of `protocol` sent back. */
export function openSignature(text: string, protocol: Protocol): Signature {
  if (!text.startsWith(MARK)) return { origin: protocol, value: text };
  const end = text.indexOf(".", MARK.length);
  if (end === -1) return { origin: protocol, value: text };
  return { origin: text.slice(MARK.length, end), value: text.slice(end + 1) };
}
