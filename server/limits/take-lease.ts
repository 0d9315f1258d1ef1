import type { Candidate } from "../../routing/candidate.ts";
import type { Exchange } from "../exchange.ts";
import type { Allowances, Lease } from "./allowances.ts";

/** The right to ask a provider by one of its keys; undefined: its limits leave no room any more. */
export function takeLease(
  { deps, meter }: Exchange,
  { provider, keyName }: Candidate,
): ReturnType<Allowances["take"]> {
  if (!provider.limits) return UNLIMITED;
  return deps.allowances.take(toOwner(keyName), provider.limits, meter.tokens);
}

/** How many tokens a request used; undefined: its client left before anybody said so. */
export function toUsed({ meter, signal, entry }: Exchange): number | undefined {
  const spent = meter.spent();
  if (spent) return spent.inputTokens + spent.outputTokens;
  return signal.aborted && entry.attempts !== undefined ? undefined : 0;
}

/** What a provider key is called among all owners of limits. */
export const toOwner = (keyName: string): string => `provider ${keyName}`;

/** Of whom nothing is counted. */
export const UNLIMITED: Lease = { end: () => undefined };
