import { isObject } from "../../adapters/validate.ts";
import type { StateStore } from "../../storage/types.ts";
import { createKeeper, type Keeper } from "../keeper.ts";
import type { Allowances, SavedAllowance } from "./allowances.ts";

/** Writes what of the day's tokens is used, so that a daemon that starts again does not hand them out twice. */
export function keepAllowances(
  allowances: Allowances,
  records: StateStore,
): Keeper & { load: () => Promise<void> } {
  let loaded = Promise.resolve();
  const keeper = createKeeper(async () => {
    await loaded;
    await records.set(KEY, allowances.save(), KEPT_MS);
  });
  allowances.onSpent(keeper.touch);
  return {
    ...keeper,
    load: () =>
      (loaded = records.get<unknown>(KEY).then((saved) => {
        if (Array.isArray(saved)) allowances.load(saved.filter(isSaved));
      })),
  };
}

const isSaved = (value: unknown): value is SavedAllowance =>
  isObject(value) &&
  typeof value.owner === "string" &&
  [value.tokens, value.endsAt].every((number) => Number.isFinite(number));

const KEY = "allowances";
const KEPT_MS = 86_400_000;
