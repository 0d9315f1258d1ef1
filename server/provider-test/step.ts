/** What is tried of a provider, in this order. */
export type StepId = "dns" | "tls" | "auth" | "models" | "chat" | "tools" | "stream";

export type Outcome = "ok" | "warn" | "fail" | "skip";

export interface Step {
  id: StepId;
  outcome: Outcome;
  /** What was found, in a sentence without any secret. */
  message: string;
  /** What to do about it, in one line. */
  fix?: string;
  ms?: number;
}

/** What is known of a provider after it was tried by one of its keys. */
export interface ProviderReport {
  provider: string;
  /** `openrouter#2`; the provider's own name where it takes none. */
  keyName: string;
  /** The model that was asked; absent: none was found. */
  model?: string;
  /** The worst of all steps. */
  outcome: "ok" | "warn" | "fail";
  ms: number;
  steps: Step[];
  /** How far the provider's clock is ahead of ours, to the second; absent: it did not say. */
  clockSkewMs?: number;
  /** What the provider lists. */
  models: string[];
}

export const toWorst = (steps: readonly { outcome: Outcome }[]): "ok" | "warn" | "fail" =>
  steps.some(({ outcome }) => outcome === "fail")
    ? "fail"
    : steps.some(({ outcome }) => outcome === "warn")
      ? "warn"
      : "ok";
