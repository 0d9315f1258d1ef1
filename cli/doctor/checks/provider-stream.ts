import type { Check } from "../check.ts";
import { readStep } from "../read-step.ts";

export const providerStream: Check = {
  id: "provider-stream",
  title: "Answers come in pieces",
  fix: "look for something in between that collects answers, such as a proxy",
  online: true,
  run: readStep("stream"),
};
