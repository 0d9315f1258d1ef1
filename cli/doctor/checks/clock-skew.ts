import { ok, warn, type Check } from "../check.ts";

export const clockSkew: Check = {
  id: "clock-skew",
  title: "The clock is right",
  fix: "set the clock: 'timedatectl set-ntp true' on Linux; certificates and keys fail by a wrong one",
  online: true,
  async run({ reports }) {
    const skews = (await reports()).flatMap(({ clockSkewMs }) => clockSkewMs ?? []).sort((a, b) => a - b);
    const middle = skews[Math.floor(skews.length / 2)];
    if (middle === undefined) return [];
    const seconds = Math.round(Math.abs(middle) / 1000);
    return seconds > MOST_S
      ? warn(`${Math.round(seconds / 60)} min ${middle < 0 ? "before" : "behind"} what providers say`)
      : ok("as providers have it");
  },
};

const MOST_S = 300;
