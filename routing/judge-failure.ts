import type { GatewayError } from "../adapters/errors.ts";
import type { FailoverConfig } from "../storage/types.ts";
import type { RestReason } from "./health.ts";
import type { SlotNames } from "./slots.ts";

/** What a failed attempt means for the next one. */
export interface Verdict {
  /** `none`: the client is told. `key`: another key of the target first. `provider`: another provider first. */
  next: "none" | "key" | "provider";
  /** Where there is no other provider, the same one may be asked once more: by a key not tried yet, or by `any`. */
  again?: "other-key" | "any";
  rest?: { name: keyof SlotNames; reason: RestReason; ms?: number };
}

/** Judges an error that came before anything of an answer was sent. */
export function judgeFailure(error: GatewayError, failover: FailoverConfig = {}): Verdict {
  const ms = error.retryAfterMs;
  switch (error.kind) {
    case "rate-limit":
      return isSpent(error)
        ? { next: "key", rest: { name: "key", reason: "quota", ms } }
        : { next: "key", rest: { name: "model", reason: "rate-limit", ms } };
    case "upstream-auth":
      return { next: "key", rest: { name: "key", reason: "refused", ms } };
    case "overloaded":
      return { next: "provider", again: "any", rest: { name: "target", reason: "busy", ms } };
    case "upstream":
      return {
        next: "provider",
        ...(!isLasting(error) && { again: "any" }),
        rest: { name: "target", reason: "failures", ms },
      };
    case "timeout":
      // Who waited that long does not wait for the same again.
      return { next: "provider", again: "other-key", rest: { name: "target", reason: "failures", ms } };
    case "unavailable":
      return { next: "provider" };
    case "not-found":
      return failover.missingModel ? { next: "provider" } : FINAL;
    case "invalid-request":
    case "too-large":
      return failover.contextOverflow && isOverflow(error) ? { next: "provider" } : FINAL;
    default:
      return FINAL;
  }
}

/** Money or a quota is gone: waiting a little does not help. */
const isSpent = ({ code, upstreamStatus }: GatewayError): boolean =>
  upstreamStatus === 402 || (code !== undefined && SPENT.test(code));

/** The same question would have the same answer: the provider is set up wrong. */
const isLasting = ({ code }: GatewayError): boolean => code !== undefined && LASTING.has(code);

const isOverflow = ({ code, kind }: GatewayError): boolean =>
  kind === "too-large" || code === "context_length_exceeded";

const FINAL: Verdict = { next: "none" };

/** OpenAI's and Azure's words for it: insufficient_quota, credit_balance_exhausted, *_spend_limit_exceeded … */
const SPENT = /quota|credit|billing|spend_limit|usage_limit|insufficient_balance/;
const LASTING = new Set([
  "ENOTFOUND",
  "redirect",
  "private_address",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
