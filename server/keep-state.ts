import type { Deps } from "./deps.ts";
import { keepHealth } from "./keep-health.ts";
import { keepAllowances } from "./limits/keep-allowances.ts";

/** What a daemon that starts again knows of the one before it: who rests, and what of the day's tokens is used. */
export function keepState({ health, allowances, ledger, storage, now }: Deps): {
  load: () => Promise<void>;
  flush: () => Promise<void>;
} {
  const providers = () => storage.config.current.providers;
  const kept = [
    keepHealth(health, { state: storage.state, providers, now }),
    keepAllowances(allowances, storage.records),
  ];
  return {
    async load() {
      await Promise.all(kept.map(({ load }) => load()));
    },
    async flush() {
      await Promise.all([...kept, ledger].map(({ flush }) => flush()));
    },
  };
}
