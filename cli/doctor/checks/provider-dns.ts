import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerDns: Check = {
  id: "provider-dns",
  title: "Providers' names are found",
  fix: "look at the host name, or at this machine's network",
  online: true,
  run: readStep("dns"),
};
