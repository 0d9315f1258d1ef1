import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerChat: Check = {
  id: "provider-chat",
  title: "Providers answer",
  fix: "ccproxy provider test <provider> shows each step",
  online: true,
  run: readStep("chat"),
};
