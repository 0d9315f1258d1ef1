import { ok, warn, type Check } from "../check.ts";
import { PROXIES } from "./proxy-env.ts";

export const providerProxy: Check = {
  id: "provider-proxy",
  title: "Providers beyond a proxy are asked through it",
  fix: "ccproxy provider edit <name> --proxy <url>: the daemon reads no proxy from the environment",
  online: true,
  async run({ env, reports, config }) {
    const proxy = PROXIES.map((name) => env[name]).find(Boolean);
    if (proxy === undefined) return [];
    const { providers } = await config();
    const lost = (await reports()).filter(
      ({ provider, steps }) =>
        providers[provider]?.proxy === undefined &&
        steps.some(({ id, outcome }) => (id === "dns" || id === "tls") && outcome === "fail"),
    );
    return lost.length === 0
      ? ok("all are reached")
      : warn(
          `the environment has a proxy, and these are not reached without one: ${lost.map(({ provider }) => provider).join(", ")}`,
        );
  },
};
