import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerTools: Check = {
  id: "provider-tools",
  title: "Models call tools",
  fix: "nothing to do: compat mode teaches models that lack them",
  online: true,
  run: readStep("tools"),
};
