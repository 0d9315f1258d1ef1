import { GatewayError } from "../adapters/errors.ts";
import { strategyOf } from "../storage/targets-of.ts";
import type {
  AliasConfig,
  Config,
  GroupConfig,
  Limits,
  ProviderConfig,
  Strategy,
  ToolsMode,
} from "../storage/types.ts";
import type { Candidate } from "./candidate.ts";
import { createAliasIndex, type AliasIndex } from "./find-alias.ts";
import { findDirect } from "./find-direct.ts";
import type { Health } from "./health.ts";
import type { Latency } from "./latency.ts";
import { explainPlan, type Explanation } from "./explain.ts";
import { createOrder, type Order } from "./order.ts";
import { createPlan, type Plan } from "./plan.ts";
import { findRule, type RouteFacts } from "./rules.ts";
import { toProviderModel, toSlots, type Slot, type SlotNames } from "./slots.ts";

export interface RouteRequest extends RouteFacts {
  /** Stable hash of the conversation. */
  conversation: () => number;
  /** The caller may name targets itself. */
  direct: boolean;
  /** While there are such providers, no others are asked. */
  prefers?: (provider: ProviderConfig) => boolean;
}

export interface Router {
  /** The group of that name, whatever its case. Throws `not-found` naming the groups there are. */
  group: (name: string) => { name: string; config: GroupConfig; aliases: AliasIndex };
  groupNames: () => string[];
  /** Who is asked for a request to a group, in which order. Throws `not-found` and `unavailable`. */
  plan: (group: string, request: RouteRequest) => Plan;
  /** The same without asking anybody or touching the rotation. Throws what `plan` throws. */
  explain: (group: string, request: RouteRequest) => Explanation;
  /** The targets of a model without touching the rotation: provider, model and tools mode, for lists and facts. */
  targets: (
    group: string,
    model: string,
    options?: { direct?: boolean },
  ) => { providerId: string; provider: ProviderConfig; model: string; tools: ToolsMode }[];
}

export interface RouterDeps {
  health: Health;
  latency: Latency;
  /** Milliseconds until a key's own limits leave room for a request of that size; 0: now, Infinity: never. */
  room?: (keyName: string, limits: Limits, tokens: () => number) => number;
  /** The provider keeps what it read of a conversation for the next turn, by key. */
  cachesPrompts: (providerId: string, provider: ProviderConfig) => boolean;
}

interface Rotation {
  slots: Slot[];
  order: Order;
  strategy: Strategy;
}

interface Decision {
  group: { name: string; config: GroupConfig };
  ruled: ReturnType<typeof findRule>;
  alias: string;
  rotation: Rotation;
}

/** Routing for one configuration; made anew when it changes. */
export function createRouter(config: Config, deps: RouterDeps): Router {
  const groups = new Map(Object.keys(config.groups).map((name) => [name.toLowerCase(), name]));
  const indexes = new Map<string, AliasIndex>();
  const rotations = new Map<string, Rotation>();

  const findGroup: Router["group"] = (asked) => {
    const name = groups.get(asked.toLowerCase());
    const group = name === undefined ? undefined : config.groups[name];
    if (name === undefined || group === undefined) throw unknownGroup(asked, Object.keys(config.groups));
    let aliases = indexes.get(name);
    if (!aliases) {
      aliases = createAliasIndex(Object.keys(group.models));
      indexes.set(name, aliases);
    }
    return { name, config: group, aliases };
  };

  const rotationOf = (
    group: { name: string; config: GroupConfig },
    id: string,
    alias: AliasConfig,
  ): Rotation => {
    const known = rotations.get(`${group.name}\n${id}`);
    if (known) return known;
    const slots = toSlots(config, alias);
    const strategy =
      strategyOf(alias) ?? group.config.strategy ?? (slots.every(caches) ? "sticky" : "round-robin");
    const made = { slots, strategy, order: createOrder(strategy) };
    // Targets that callers name themselves are not kept: there may be any number of them.
    if (Object.hasOwn(group.config.models, id)) rotations.set(`${group.name}\n${id}`, made);
    return made;
  };
  const caches = ({ providerId, provider }: Slot): boolean => deps.cachesPrompts(providerId, provider);

  /** The alias, or the target itself, that a name means in a group. */
  const resolve = (group: ReturnType<typeof findGroup>, model: string, direct: boolean) => {
    const alias = group.aliases.find(model, direct ? (name) => findDirect(config, name) : undefined);
    if (alias === undefined) throw unknownModel(model, group.name, group.aliases);
    const found = group.config.models[alias];
    return { alias, rotation: rotationOf(group, alias, found ?? alias) };
  };

  /** What a request means: the rule that holds, the alias, and who stands behind it. */
  const decide = (asked: string, request: RouteRequest, { evenIfOff = false } = {}): Decision => {
    const group = findGroup(asked);
    const ruled = group.config.rules && findRule(group.config.rules, request);
    const wanted = ruled?.rule.use ?? request.model;
    const { alias, rotation } = resolve(group, wanted, request.direct || ruled !== undefined);
    if (rotation.slots.length === 0 && !evenIfOff) throw noTarget(request.model, group.name, alias);
    return { group, ruled, alias, rotation };
  };
  const planFor = (request: RouteRequest, { group, ruled, alias, rotation }: Decision): Plan => {
    const preferred = request.prefers
      ? rotation.slots.filter(({ provider }) => request.prefers?.(provider))
      : [];
    return createPlan({
      slots: preferred.length > 0 ? preferred : rotation.slots,
      order: rotation.order,
      strategy: rotation.strategy,
      alias,
      rule: ruled?.name,
      health: deps.health,
      latency: deps.latency,
      conversation: request.conversation,
      room: ({ keyName, provider: { limits } }) =>
        (limits && deps.room?.(keyName, limits, request.tokens)) ?? 0,
      toModel: (slot) => toProviderModel(slot.target.target, request.model),
      toCandidate: (slot, model, names) =>
        toCandidate(slot, group.config, { model, names, params: ruled?.rule.params }),
    });
  };

  return {
    group: findGroup,
    groupNames: () => Object.keys(config.groups),
    plan: (asked, request) => planFor(request, decide(asked, request)),
    explain(asked, request) {
      const decided = decide(asked, request, { evenIfOff: true });
      // Turns of its own: those of real requests stay where they are.
      const rotation = { ...decided.rotation, order: createOrder(decided.rotation.strategy) };
      return explainPlan(planFor(request, { ...decided, rotation }), {
        config,
        group: decided.group,
        alias: decided.group.config.models[decided.alias] ?? decided.alias,
        facts: request,
      });
    },
    targets(asked, model, { direct = false } = {}) {
      const group = findGroup(asked);
      const { alias, rotation } = resolve(group, model, direct);
      if (rotation.slots.length === 0) throw noTarget(model, group.name, alias);
      const seen = new Set<string>();
      return rotation.slots.flatMap(({ target, providerId, provider }) => {
        if (seen.has(target.target)) return [];
        seen.add(target.target);
        const tools = target.tools ?? group.config.tools ?? "auto";
        return [{ providerId, provider, model: toProviderModel(target.target, model), tools }];
      });
    },
  };
}

function toCandidate(
  { providerId, provider, target, key, keyName }: Slot,
  group: GroupConfig,
  { model, names, params }: { model: string; names: SlotNames; params: Record<string, unknown> | undefined },
): Candidate {
  return {
    providerId,
    provider,
    model,
    key,
    keyName,
    names,
    tools: target.tools ?? group.tools ?? "auto",
    compat: { ...group.compat, ...target.compat },
    params: (target.params ?? params) ? { ...target.params, ...params } : undefined,
  };
}

function unknownGroup(asked: string, names: string[]): GatewayError {
  const known = names.length ? `groups are ${names.join(", ")}` : "no group is configured";
  return new GatewayError(
    "not-found",
    `unknown group '${asked}': ${known}; add it with: ccproxy group add ${asked}`,
    { code: "group_not_found", param: asked },
  );
}

function unknownModel(model: string, group: string, aliases: AliasIndex): GatewayError {
  const listed = [...aliases.exact, ...aliases.globs].slice(0, 12).join(", ");
  const has = listed === "" ? "which has no models yet" : `which has ${listed}`;
  const hint = `add it with: ccproxy model add '${model}' <provider>/<model> --group ${group}`;
  return new GatewayError("not-found", `model '${model}' not found in group '${group}', ${has}; ${hint}`, {
    code: "model_not_found",
    param: model,
  });
}

function noTarget(model: string, group: string, alias: string): GatewayError {
  const message = `model '${model}' of group '${group}' has no usable target: every target of alias '${alias}' is switched off`;
  return new GatewayError("unavailable", message, { code: "no_target", param: model });
}
