import type { StepId } from "../../server/provider-test/step.ts";
import type { Check, Finding } from "./check.ts";

/** What the tests of all providers found at one of their steps. */
export const readStep =
  (id: StepId): Check["run"] =>
  async ({ reports }) =>
    (await reports()).flatMap(({ provider, steps }): Finding[] => {
      const step = steps.find((one) => one.id === id);
      if (!step || step.outcome === "skip") return [];
      const { outcome, message, fix, ms } = step;
      const time = ms === undefined ? "" : ` (${ms} ms)`;
      return [{ outcome, message: `${provider}: ${message}${time}`, ...(fix !== undefined && { fix }) }];
    });
