import { sealSignature } from "../signature.ts";
import type { Signature, ThinkingPart } from "../unified.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * A thought's signature as `encrypted_content`. Here every thought without text looks the same, elsewhere a hidden
 * one is of its own kind (Claude's `redacted_thinking`), so that a foreign signature says so itself.
 */
export function sealReasoning(signature: Signature, redacted: boolean | undefined): string {
  const hidden = redacted && signature.origin !== PROTOCOL;
  return sealSignature(hidden ? { ...signature, value: `${HIDDEN}${signature.value}` } : signature, PROTOCOL);
}

export function openReasoning(signature: Signature): Pick<ThinkingPart, "signature" | "redacted"> {
  if (signature.origin === PROTOCOL || !signature.value.startsWith(HIDDEN)) return { signature };
  return { signature: { ...signature, value: signature.value.slice(HIDDEN.length) }, redacted: true };
}

/** Signatures are base64, which has no dot. */
const HIDDEN = "redacted.";
