import { GatewayError } from "../../adapters/errors.ts";
import type { Config, Limits } from "../../storage/types.ts";
import type { Exchange } from "../exchange.ts";
import { rememberFor } from "../remember.ts";
import type { Blocked } from "./allowances.ts";
import { toClientOwner } from "./list-limited.ts";
import { toUsed } from "./take-lease.ts";

/**
 * Lets a request of a client key in that has limits, until its response is over, however it ends. Throws `rate-limit`
 * when they are reached; nothing was sent to a provider then. Undefined, where nothing is limited at all.
 */
export function admit(exchange: Exchange): Promise<void> | undefined {
  return needsAllowances(exchange.deps.config()) ? admitCounted(exchange) : undefined;
}

async function admitCounted(exchange: Exchange): Promise<void> {
  const { deps, principal, meter, res } = exchange;
  const config = deps.config();
  await deps.allowances.ready();
  const { keyId } = principal;
  const limits = keyId === undefined ? undefined : config.keys[keyId]?.limits;
  if (keyId === undefined || !limits || res.destroyed) return;
  const owner = toClientOwner(keyId);
  const lease = await deps.allowances.take(owner, limits, meter.tokens);
  if (!lease) throw refused(keyId, limits, deps.allowances.blocked(owner, limits, meter.tokens));
  // It left while it was asked about.
  if (res.destroyed) return lease.end(0);
  res.on("close", () => lease.end(toUsed(exchange)));
}

function refused(keyId: string, limits: Limits, blocked: Blocked | undefined): GatewayError {
  const { limit = "concurrent", ms = 1000 } = blocked ?? {};
  const what = `${WORDS[limit](limits[limit] ?? 0)} (keys.${keyId}.limits.${limit})`;
  if (ms === Number.POSITIVE_INFINITY) {
    const message = `this request alone has more tokens than this client key may use: ${what}`;
    return new GatewayError("rate-limit", message, { code: "rate_limit_exceeded" });
  }
  return new GatewayError("rate-limit", `this client key has reached its limit of ${what}`, {
    retryAfterMs: ms,
    code: limit === "tokensPerDay" ? "insufficient_quota" : "rate_limit_exceeded",
  });
}

const WORDS: Record<keyof Limits, (most: number) => string> = {
  requestsPerMinute: (most) => `${most} requests per minute`,
  tokensPerMinute: (most) => `${most} tokens per minute`,
  tokensPerDay: (most) => `${most} tokens per day`,
  concurrent: (most) => `${most} requests at the same time`,
};

/** Whether anything is limited at all: what counts is loaded only then. */
export const needsAllowances = ({ keys, providers }: Pick<Config, "keys" | "providers">): boolean =>
  anyLimited(keys) || anyLimited(providers);

const anyLimited = rememberFor((owners: Config["keys"] | Config["providers"]) =>
  Object.values(owners).some(({ limits }) => limits !== undefined),
);
