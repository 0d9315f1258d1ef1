import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerTls: Check = {
  id: "provider-tls",
  title: "Providers are reached, with a good certificate",
  fix: "look at address and port; name an authority of your own with --ca-file",
  online: true,
  run: readStep("tls"),
};
