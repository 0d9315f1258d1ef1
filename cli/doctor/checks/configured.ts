import { ok, warn, type Check } from "../check.ts";

export const configured: Check = {
  id: "configured",
  title: "There is something to serve",
  fix: "ccproxy init sets up providers and models, step by step",
  async run({ read, config }) {
    if ((await read())?.problems.length) return [];
    const { providers, groups } = await config();
    const enabled = Object.values(providers).filter(({ enabled }) => enabled !== false).length;
    if (Object.keys(providers).length === 0) return warn("no provider yet: only the built-in demo answers");
    if (enabled === 0)
      return warn("every provider is switched off", "ccproxy provider edit <name> --enabled");
    if (Object.values(groups).every(({ models }) => Object.keys(models).length === 0))
      return warn("no alias yet: no model has a name", "ccproxy model add '*' '<provider>/*'");
    return ok(enabled === 1 ? "1 provider" : `${enabled} providers`);
  },
};
