import type { Facts } from "./facts.ts";

export interface Finding {
  outcome: "ok" | "warn" | "fail";
  message: string;
  /** Where it is more to the point than the check's own. */
  fix?: string;
}

/** One thing that is looked at. */
export interface Check {
  /** Also its place in docs/troubleshooting.md. */
  id: string;
  title: string;
  /** What usually helps, in one line. */
  fix: string;
  /** Asks the providers: left out with --offline. */
  online?: true;
  /** Nothing: there is nothing to look at, as of a provider that does not exist. */
  run: (facts: Facts) => Finding[] | Promise<Finding[]>;
  /** Mends it, and says what was done. Only what harms nothing. */
  repair?: (facts: Facts) => Promise<string[]>;
}

export const ok = (message: string): Finding[] => [{ outcome: "ok", message }];
export const warn = (message: string, fix?: string): Finding[] => [
  { outcome: "warn", message, ...(fix !== undefined && { fix }) },
];
export const fail = (message: string, fix?: string): Finding[] => [
  { outcome: "fail", message, ...(fix !== undefined && { fix }) },
];
