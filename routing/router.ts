import type {
  CompatConfig,
  Config,
  GroupConfig,
  ProviderConfig,
  TargetConfig,
  TargetObject,
  ToolsMode,
} from "../storage/types.ts";
import { GatewayError } from "../adapters/errors.ts";
import { withoutLatest } from "../adapters/model-tag.ts";
import { createAliasIndex, type AliasIndex } from "./find-alias.ts";
import { createPool, type Pool } from "./pool.ts";
import type { Cooldowns } from "./cooldown.ts";

/** One way to serve a request: a provider, its model, one of its keys. */
export interface Candidate {
  providerId: string;
  provider: ProviderConfig;
  /** The provider's name for the model. */
  model: string;
  /** The key as configured (`env:NAME`, …); undefined: none. */
  key?: string;
  /** Names the provider key in cooldowns and logs without showing it: `openrouter#2`. */
  keyName: string;
  tools: ToolsMode;
  /** The group's settings for emulated tools, and the target's over them. */
  compat: CompatConfig;
  params?: Record<string, unknown>;
}

export interface Router {
  /** The group of that name, whatever its case. Throws `not-found` naming the groups there are. */
  group: (name: string) => { name: string; config: GroupConfig; aliases: AliasIndex };
  groupNames: () => string[];
  /** Candidates for a model of a group, in the order to try them. Each call moves the rotation on. */
  candidates: (group: string, model: string) => Candidate[];
  /** The targets of a model without touching the rotation: provider, model and tools mode, for lists and facts. */
  targets: (
    group: string,
    model: string,
  ) => { providerId: string; provider: ProviderConfig; model: string; tools: ToolsMode }[];
}

interface Slot {
  providerId: string;
  provider: ProviderConfig;
  target: TargetObject;
  key?: string;
  keyName: string;
}

/** Routing for one configuration; made anew when it changes. */
export function createRouter(config: Config, cooldowns: Cooldowns): Router {
  const groups = new Map(Object.keys(config.groups).map((name) => [name.toLowerCase(), name]));
  const indexes = new Map<string, AliasIndex>();
  const pools = new Map<string, { slots: Slot[]; pool: Pool }>();

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

  const resolve = (asked: string, model: string) => {
    const group = findGroup(asked);
    const alias = group.aliases.find(model);
    if (alias === undefined) throw unknownModel(model, group.name, group.aliases);
    const id = `${group.name}\n${alias}`;
    let pool = pools.get(id);
    if (!pool) {
      const slots = toSlots(config, group.config.models[alias]);
      pool = { slots, pool: createPool(slots.map((slot) => slot.target.weight ?? 1)) };
      pools.set(id, pool);
    }
    if (pool.slots.length === 0) throw noTarget(model, group.name, alias);
    return { group, pool };
  };

  const toCandidate = (slot: Slot, model: string, group: GroupConfig): Candidate => {
    const { providerId, provider, target, key, keyName } = slot;
    return {
      providerId,
      provider,
      model: toProviderModel(target.target, model),
      ...(key !== undefined && { key }),
      keyName,
      tools: target.tools ?? group.tools ?? "auto",
      compat: { ...group.compat, ...target.compat },
      ...(target.params && { params: target.params }),
    };
  };

  return {
    group: findGroup,
    groupNames: () => Object.keys(config.groups),
    candidates(asked, model) {
      const { group, pool } = resolve(asked, model);
      const order = pool.pool.next().map((index) => pool.slots[index] as Slot);
      const ready = order.filter((slot) => cooldowns.remaining(slot.keyName) === 0);
      // The picked slot first, then the other keys of its target, then the other targets. When all rest, the one
      // that comes back first: the provider's own answer says more than ours.
      const usable = ready.length
        ? byTarget(ready)
        : order.sort((a, b) => cooldowns.remaining(a.keyName) - cooldowns.remaining(b.keyName));
      return usable.map((slot) => toCandidate(slot, model, group.config));
    },
    targets(asked, model) {
      const { group, pool } = resolve(asked, model);
      const seen = new Set<string>();
      return pool.slots.flatMap(({ target, providerId, provider }) => {
        if (seen.has(target.target)) return [];
        seen.add(target.target);
        const tools = target.tools ?? group.config.tools ?? "auto";
        return [{ providerId, provider, model: toProviderModel(target.target, model), tools }];
      });
    },
  };
}

function toSlots(config: Config, targets: TargetConfig | TargetConfig[] | undefined): Slot[] {
  const list = targets === undefined ? [] : Array.isArray(targets) ? targets : [targets];
  return list.flatMap((entry) => {
    const target = typeof entry === "string" ? { target: entry } : entry;
    const providerId = target.target.slice(0, target.target.indexOf("/"));
    const provider = config.providers[providerId];
    if (!provider || provider.enabled === false || target.enabled === false) return [];
    const keys: (string | undefined)[] = provider.keys?.length ? provider.keys : [undefined];
    return keys.map((key, index): Slot => ({
      providerId,
      provider,
      target,
      ...(key !== undefined && { key }),
      keyName: key === undefined ? providerId : `${providerId}#${index + 1}`,
    }));
  });
}

/** The slots of the first slot's target before those of the others; order is kept otherwise. */
function byTarget(slots: Slot[]): Slot[] {
  const first = slots[0]?.target;
  return [...slots.filter((slot) => slot.target === first), ...slots.filter((slot) => slot.target !== first)];
}

/** `provider/model`; a `*` in the model part stands for the name the client asked for. */
function toProviderModel(target: string, asked: string): string {
  const model = target.slice(target.indexOf("/") + 1);
  return model.includes("*") ? model.replace("*", () => withoutLatest(asked)) : model;
}

function unknownGroup(asked: string, names: string[]): GatewayError {
  const known = names.length ? `groups are ${names.join(", ")}` : "no group is configured";
  return new GatewayError(
    "not-found",
    `unknown group '${asked}': ${known}; add it with: ccproxy group add ${asked}`,
    {
      code: "group_not_found",
      param: asked,
    },
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
