import type { AliasConfig, AliasObject, Strategy, TargetConfig, TargetObject } from "./types.ts";

/** The targets of an alias, in whichever form it was written. */
export const targetsOf = (alias: AliasConfig | undefined): TargetObject[] =>
  listTargets(alias).map((target) => (typeof target === "string" ? { target } : target));

/** The same as they were written. */
export function listTargets(alias: AliasConfig | undefined): TargetConfig[] {
  if (alias === undefined) return [];
  if (isAliasObject(alias)) return alias.targets;
  return Array.isArray(alias) ? alias : [alias];
}

export const strategyOf = (alias: AliasConfig | undefined): Strategy | undefined =>
  isAliasObject(alias) ? alias.strategy : undefined;

/** The alias with other targets; what else it says stays. */
export const withTargets = (alias: AliasConfig | undefined, targets: TargetConfig[]): AliasConfig =>
  isAliasObject(alias) ? { ...alias, targets } : targets;

export const isAliasObject = (alias: AliasConfig | undefined): alias is AliasObject =>
  typeof alias === "object" && "targets" in alias;
