import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerModels: Check = {
  id: "provider-models",
  title: "Providers list their models",
  fix: "look at protocol and base URL: ccproxy provider show <provider>",
  online: true,
  run: readStep("models"),
};
