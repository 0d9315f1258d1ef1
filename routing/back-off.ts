/** A pause before the same provider is asked again: full jitter, so that many waiting clients do not come at once. */
export const toPause = (retry: number, random: () => number): number =>
  random() * Math.min(MOST_MS, FIRST_MS * 2 ** (retry - 1));

const FIRST_MS = 250;
const MOST_MS = 4000;
