import { isAliasObject } from "../storage/targets-of.ts";
import type { AliasConfig, GroupConfig, TargetConfig } from "../storage/types.ts";
import { maskFields } from "./mask-secrets.ts";

/** A group as it may be shown: what it adds to requests may hold a secret. */
export function maskGroup(group: GroupConfig): GroupConfig {
  const models = Object.entries(group.models).map(([name, alias]) => [name, maskAlias(alias)] as const);
  return {
    ...group,
    models: Object.fromEntries(models),
    ...(group.rules && { rules: group.rules.map(maskParams) }),
  };
}

export function maskAlias(alias: AliasConfig): AliasConfig {
  if (Array.isArray(alias)) return alias.map(maskTarget);
  return isAliasObject(alias) ? { ...alias, targets: alias.targets.map(maskTarget) } : maskTarget(alias);
}

export const maskTarget = (target: TargetConfig): TargetConfig =>
  typeof target === "string" ? target : maskParams(target);

const maskParams = <T extends { params?: Record<string, unknown> }>(holder: T): T =>
  holder.params ? { ...holder, params: maskFields(holder.params) } : holder;
