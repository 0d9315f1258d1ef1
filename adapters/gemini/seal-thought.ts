import { MARK_IN_BASE64, openSignature, sealSignature } from "../signature.ts";
import type { Signature, ThinkingPart } from "../unified.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * A signature as `thoughtSignature`. The field is bytes, which the Go and Python SDKs decode, so the sealed form of
 * another protocol's signature is put in base64. Here every thought without text looks the same, elsewhere a hidden
 * one is of its own kind, so the sealed form says that too.
 */
export function sealThought(signature: Signature, redacted?: boolean): string {
  if (signature.origin === PROTOCOL) return signature.value;
  const value = redacted ? `${HIDDEN}${signature.value}` : signature.value;
  return Buffer.from(sealSignature({ ...signature, value }, PROTOCOL), "utf8").toString("base64");
}

/** Undefined for a placeholder that stands where a signature was lost. */
export function openThought(value: unknown): Pick<ThinkingPart, "signature" | "redacted"> | undefined {
  if (typeof value !== "string" || value === "" || PLACEHOLDERS.has(value)) return undefined;
  const text = value.startsWith(MARK_IN_BASE64) ? Buffer.from(value, "base64").toString("utf8") : value;
  const signature = openSignature(text, PROTOCOL);
  if (signature.origin === PROTOCOL) return { signature: { origin: PROTOCOL, value } };
  if (!signature.value.startsWith(HIDDEN)) return { signature };
  return { signature: { ...signature, value: signature.value.slice(HIDDEN.length) }, redacted: true };
}

/**
 * Gemini 3 refuses past calls without their signature, but takes this in its place
 * (https://ai.google.dev/gemini-api/docs/thought-signatures).
 */
export const NO_SIGNATURE = "skip_thought_signature_validator";

const PLACEHOLDERS = new Set([NO_SIGNATURE, "context_engineering_is_the_way_to_go"]);
/** Signatures are base64, which has no dot. */
const HIDDEN = "redacted.";
