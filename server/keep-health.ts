import { createHash } from "node:crypto";
import { isObject } from "../adapters/validate.ts";
import { REST_REASONS, type Health, type SavedHealth } from "../routing/health.ts";
import type { Config, StateStore } from "../storage/types.ts";
import { createKeeper, type Keeper } from "./keeper.ts";

export interface KeptHealth extends Keeper {
  /** Puts to rest again who rested when the daemon ended. */
  load: () => Promise<void>;
}

/** Writes who rests, so that a daemon that starts again does not ask them all once more. `now`: since 1970. */
export function keepHealth(
  health: Health,
  { state, providers, now }: { state: StateStore; providers: () => Config["providers"]; now: () => number },
): KeptHealth {
  let loaded = Promise.resolve();
  const keeper = createKeeper(async () => {
    await loaded;
    const saved = health.save();
    const ids = new Set(saved.map(({ name }) => toProviderId(name)));
    const marks = Object.fromEntries([...ids].map((id) => [id, toMark(providers()[id])]));
    await state.set(KEY, { savedAt: now(), marks, saved }, KEPT_MS);
  });
  health.onChange(keeper.touch);
  return {
    ...keeper,
    load: () =>
      (loaded = state.get<unknown>(KEY).then((kept) => {
        if (!isObject(kept) || !isObject(kept.marks) || !Array.isArray(kept.saved)) return;
        const { marks, savedAt } = kept;
        // A provider that was set up otherwise since, with another key for instance, has not failed yet.
        const same = kept.saved.filter(isSaved).filter(({ name }) => {
          const id = toProviderId(name);
          return Object.hasOwn(marks, id) && marks[id] === toMark(providers()[id]);
        });
        health.load(same, typeof savedAt === "number" ? now() - savedAt : 0);
      })),
  };
}

/** Of `openrouter#2`, `openrouter#2 qwen/qwen3` and `openrouter/qwen/qwen3` alike. */
const toProviderId = (name: string): string => name.split(/[#/ ]/, 1)[0] ?? "";

/** Tells one way of setting up a provider from another without repeating its keys. */
const toMark = (provider: Config["providers"][string] | undefined): string =>
  createHash("sha256")
    .update(JSON.stringify(provider) ?? "")
    .digest("hex")
    .slice(0, 16);

function isSaved(value: unknown): value is SavedHealth {
  return (
    isObject(value) &&
    typeof value.name === "string" &&
    REST_REASONS.some((reason) => reason === value.reason) &&
    [value.remainingMs, value.failures].every((number) => Number.isFinite(number) && (number as number) >= 0)
  );
}

const KEY = "health";
/** No rest is longer. */
const KEPT_MS = 24 * 3_600_000;
