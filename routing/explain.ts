import { targetsOf } from "../storage/targets-of.ts";
import type { AliasConfig, Config, GroupConfig, Strategy, ToolsMode } from "../storage/types.ts";
import type { Plan, SkipReason } from "./plan.ts";
import { holds, toRuleName, type RouteFacts } from "./rules.ts";

/** How a request would be routed, without asking anybody. */
export interface Explanation {
  group: string;
  /** As asked for. */
  model: string;
  /** The group's rules in order, up to the one that holds. */
  rules: { name: string; holds: boolean; use: string }[];
  /** The rule that decided. */
  rule?: string;
  alias: string;
  strategy: Strategy;
  /** Who would be asked, in this order, while each one fails. Where all come in turn, somebody else may be first. */
  candidates: { target: string; key: string; protocol: string; tools: ToolsMode }[];
  /** Who would be passed over. */
  skipped: {
    target: string;
    key?: string;
    reason: SkipReason | OffReason;
    /** null: not before something is changed. */
    remainingMs: number | null;
  }[];
}

export type OffReason = "provider-off" | "target-off" | "key-off" | "no-provider";

export function explainPlan(
  plan: Plan,
  { config, group, alias, facts }: { config: Config; group: Named; alias: AliasConfig; facts: RouteFacts },
): Explanation {
  const skipped = plan.resting();
  const candidates: Explanation["candidates"] = [];
  for (let next = plan.next(); next; next = plan.next()) {
    const { names, keyName, provider, tools } = next;
    candidates.push({ target: names.target, key: keyName, protocol: provider.protocol, tools });
  }
  return {
    group: group.name,
    model: facts.model,
    rules: listRules(group.config, facts),
    ...(plan.rule !== undefined && { rule: plan.rule }),
    alias: plan.alias,
    strategy: plan.strategy,
    candidates,
    skipped: [
      ...skipped.map((one) => ({
        ...one,
        remainingMs: Number.isFinite(one.remainingMs) ? Math.ceil(one.remainingMs) : null,
      })),
      ...listOff(config, alias),
    ],
  };
}

interface Named {
  name: string;
  config: GroupConfig;
}

function listRules({ rules = [] }: GroupConfig, facts: RouteFacts): Explanation["rules"] {
  const found = rules.findIndex((rule) => holds(rule, facts));
  return (found === -1 ? rules : rules.slice(0, found + 1)).map((rule, index) => ({
    name: toRuleName(rule, index),
    holds: index === found,
    use: rule.use,
  }));
}

/** Targets and keys that are switched off, which no plan knows of. */
function listOff(config: Config, alias: AliasConfig): Explanation["skipped"] {
  return targetsOf(alias).flatMap(({ target, enabled }) => {
    const id = target.slice(0, target.indexOf("/"));
    const provider = config.providers[id];
    const off = (reason: OffReason, key?: string) => ({
      target,
      ...(key !== undefined && { key }),
      reason,
      remainingMs: null,
    });
    if (!provider) return [off("no-provider")];
    if (provider.enabled === false) return [off("provider-off")];
    if (enabled === false) return [off("target-off")];
    return (provider.disabledKeys ?? []).map(() => off("key-off", id));
  });
}
