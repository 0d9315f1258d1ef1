import { GatewayError } from "../adapters/errors.ts";
import type { Plan, SkipReason } from "../routing/plan.ts";

/** What the client is told: when it is worth to come back, where everybody rests. */
export function toFinal(error: GatewayError | undefined, plan: Plan, alias: string): GatewayError {
  const retryAfterMs = plan.waitMs();
  if (error) {
    const { kind, retryAfterMs: told } = error;
    if (retryAfterMs === undefined || (kind !== "rate-limit" && kind !== "overloaded")) return error;
    const { cause, upstreamStatus, param, code, message } = error;
    return new GatewayError(kind, message, {
      cause,
      upstreamStatus,
      param,
      code,
      retryAfterMs: told === undefined ? retryAfterMs : Math.min(told, retryAfterMs),
    });
  }
  const resting = plan.resting();
  if (resting.length > 0 && resting.every(({ remainingMs }) => remainingMs === Number.POSITIVE_INFINITY))
    return tooLarge(alias);
  if (retryAfterMs === undefined || resting.length === 0)
    return new GatewayError("unavailable", `no target is left for model '${alias}'`);
  const all = (...reasons: SkipReason[]): boolean => resting.every(({ reason }) => reasons.includes(reason));
  const reasons = [...new Set(resting.map(({ reason }) => REASONS[reason]))].join(", ");
  const message =
    `every target of model '${alias}' rests (${reasons}); the first is back in ` +
    `${Math.ceil(retryAfterMs / 1000)} s. See who rests with: ccproxy status`;
  if (all("rate-limit", "quota", "limit"))
    return new GatewayError("rate-limit", message, { retryAfterMs, code: "rate_limit_exceeded" });
  if (all("refused"))
    return new GatewayError("upstream-auth", message, { retryAfterMs, code: "provider_key_refused" });
  return new GatewayError("unavailable", message, { retryAfterMs, code: "no_target" });
}

function tooLarge(alias: string): GatewayError {
  const message = `this request has more tokens than the limit of any provider key of model '${alias}' allows at once (providers.<name>.limits)`;
  return new GatewayError("rate-limit", message, { code: "rate_limit_exceeded" });
}

const REASONS: Record<SkipReason, string> = {
  "rate-limit": "rate limited",
  quota: "out of quota or credit",
  refused: "key refused",
  failures: "provider failing",
  busy: "provider overloaded",
  limit: "limit of the key reached",
};
