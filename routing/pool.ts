/**
 * Fair rotation over weighted slots: every slot of weight 1 comes once per round, one of weight 2 twice, spread
 * evenly. One counter over all slots, so that no slot starves when the numbers of targets and keys share a factor.
 */
export interface Pool {
  /** The slots to try for the next request, best first: the one whose turn it is, then the rest of its round. */
  next: () => number[];
}

/** `weights[i]` is the weight of slot i; slots with a weight of 0 or less only serve when all others failed. */
export function createPool(weights: readonly number[]): Pool {
  const round = toRound(weights);
  const idle = weights.flatMap((weight, slot) => (weight > 0 ? [] : [slot]));
  let turn = 0;
  return {
    next() {
      const from = round.length ? turn++ % round.length : 0;
      const order = new Set<number>();
      for (let step = 0; step < round.length; step++)
        order.add(round[(from + step) % round.length] as number);
      return [...order, ...idle];
    },
  };
}

/** One round by smooth weighted round-robin: at each step the slot that is most behind its share. */
function toRound(weights: readonly number[]): number[] {
  const shares = toShares(weights);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.every((share) => share <= 1)) return shares.flatMap((share, slot) => (share > 0 ? [slot] : []));
  const credit = shares.map(() => 0);
  const round: number[] = [];
  for (let step = 0; step < total; step++) {
    let best = -1;
    for (let slot = 0; slot < shares.length; slot++) {
      credit[slot] = (credit[slot] ?? 0) + (shares[slot] ?? 0);
      if ((shares[slot] ?? 0) > 0 && (best === -1 || (credit[slot] ?? 0) > (credit[best] ?? 0))) best = slot;
    }
    credit[best] = (credit[best] ?? 0) - total;
    round.push(best);
  }
  return round;
}

/** Weights as small whole numbers: 0.5 and 1.5 become 1 and 3. */
function toShares(weights: readonly number[]): number[] {
  const positive = weights.map((weight) => Math.max(0, Number.isFinite(weight) ? weight : 0));
  const whole = positive.every((weight) => Number.isInteger(weight));
  const scaled = whole
    ? positive
    : positive.map((weight) => (weight > 0 ? Math.max(1, Math.round(weight * 10)) : 0));
  const divisor = scaled.reduce(greatestCommonDivisor, 0) || 1;
  return scaled.map((weight) => Math.min(MAX_SHARE, weight / divisor));
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

const MAX_SHARE = 1000;
