import { MARK_IN_BASE64, openSignature, sealSignature } from "../signature.ts";
import type { Signature } from "../unified.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * A signature as `thoughtSignature`. The field is bytes, which the Go and Python SDKs decode, so the sealed form of
 * another protocol's signature is put in base64. `of` says in it what it seals where the part cannot tell: a thought
 * that the client was not shown, or one that its provider hides and that is a kind of its own elsewhere.
 */
export function sealThought(signature: Signature, of?: keyof typeof MARKS): string {
  if (signature.origin === PROTOCOL) return signature.value;
  const value = of === undefined ? signature.value : `${MARKS[of]}${signature.value}`;
  return Buffer.from(sealSignature({ ...signature, value }, PROTOCOL), "utf8").toString("base64");
}

export interface Seal {
  signature: Signature;
  redacted?: boolean;
  /** It seals a thought in front of the part it stands on. */
  before?: boolean;
}

/** Undefined for a placeholder that stands where a signature was lost. */
export function openThought(value: unknown): Seal | undefined {
  if (typeof value !== "string" || value === "" || PLACEHOLDERS.has(value)) return undefined;
  const text = value.startsWith(MARK_IN_BASE64) ? Buffer.from(value, "base64").toString("utf8") : value;
  const signature = openSignature(text, PROTOCOL);
  if (signature.origin === PROTOCOL) return { signature: { origin: PROTOCOL, value } };
  for (const of of ["redacted", "thought"] as const) {
    if (!signature.value.startsWith(MARKS[of])) continue;
    const bare = { ...signature, value: signature.value.slice(MARKS[of].length) };
    return { signature: bare, ...(of === "redacted" && { redacted: true }), before: true };
  }
  return { signature };
}

/**
 * Gemini 3 refuses past calls without their signature, but takes this in its place
 * (https://ai.google.dev/gemini-api/docs/thought-signatures).
 */
export const NO_SIGNATURE = "skip_thought_signature_validator";

const PLACEHOLDERS = new Set([NO_SIGNATURE, "context_engineering_is_the_way_to_go"]);
/** Signatures are base64, which has no dot. */
const MARKS = { redacted: "redacted.", thought: "thought." };
