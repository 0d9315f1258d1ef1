import { CHECKS } from "./checks/index.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts } from "./facts.ts";

export interface CheckResult extends Finding {
  id: string;
  fix: string;
  /** Where the documentation speaks of it. */
  docs: string;
}

export interface RunOptions {
  /** Providers are not asked. */
  offline?: boolean;
  checks?: readonly Check[];
}

/** Runs the checks; one that cannot look says so instead of ending the others. */
export async function runChecks(
  facts: Facts,
  { offline = false, checks = CHECKS }: RunOptions = {},
): Promise<CheckResult[]> {
  const wanted = checks.filter(({ online }) => !(offline && online));
  const found = await Promise.all(
    wanted.map(async (check) => {
      const findings = await Promise.resolve(check.run(facts)).catch((error: Error): Finding[] => [
        { outcome: "warn", message: `could not be looked at: ${error.message}` },
      ]);
      return findings.map((finding): CheckResult => ({
        ...finding,
        id: check.id,
        fix: finding.fix ?? check.fix,
        docs: `docs/troubleshooting.md#${check.id}`,
      }));
    }),
  );
  return found.flat();
}

/** Mends what can be mended without harm; what was done. */
export async function repair(facts: Facts, checks: readonly Check[] = CHECKS): Promise<string[]> {
  const done: string[] = [];
  for (const check of checks) {
    if (!check.repair) continue;
    const said = await check.repair(facts).catch((error: Error) => [`${check.id}: ${error.message}`]);
    done.push(...said);
  }
  return done;
}
