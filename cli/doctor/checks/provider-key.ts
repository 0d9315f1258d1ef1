import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerKey: Check = {
  id: "provider-key",
  title: "Providers take their keys",
  fix: "make a new key at the provider, then: ccproxy provider key add <provider> env:NAME",
  online: true,
  run: readStep("auth"),
};
