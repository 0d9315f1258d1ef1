import { withoutLatest } from "../adapters/model-tag.ts";
import { targetsOf } from "../storage/targets-of.ts";
import type { AliasConfig, Config, ProviderConfig, TargetObject } from "../storage/types.ts";

/** What of a slot may rest. */
export interface SlotNames {
  /** A provider's key, without showing it: `openrouter#2`. */
  key: string;
  /** The model as this key reaches it: `openrouter#2 qwen/qwen3-coder`. Providers limit rates by model. */
  model: string;
  /** `openrouter/qwen/qwen3-coder` */
  target: string;
}

/** One place of an alias's rotation: a target with one of its provider's keys. */
export interface Slot {
  providerId: string;
  provider: ProviderConfig;
  target: TargetObject;
  /** Position of the target in the alias's list. */
  rank: number;
  /** As configured; undefined: the provider takes none. */
  key?: string;
  keyName: string;
  weight: number;
  /** Stable hash of target and key, for conversations that stay. */
  hash: number;
}

/** Every key of every target that is not switched off. */
export function toSlots(config: Config, alias: AliasConfig | undefined): Slot[] {
  return targetsOf(alias).flatMap((target, rank) => {
    const providerId = target.target.slice(0, target.target.indexOf("/"));
    const provider = config.providers[providerId];
    if (!provider || provider.enabled === false || target.enabled === false) return [];
    // Without the key that it wants it would only refuse.
    if (!provider.keys?.length && provider.disabledKeys?.length) return [];
    const keys: (string | undefined)[] = provider.keys?.length ? provider.keys : [undefined];
    return keys.map((key, index): Slot => {
      const keyName = key === undefined ? providerId : `${providerId}#${index + 1}`;
      return {
        providerId,
        provider,
        target,
        rank,
        ...(key !== undefined && { key }),
        keyName,
        weight: target.weight ?? 1,
        hash: hashText(`${keyName} ${target.target}`),
      };
    });
  });
}

/** `provider/model`; a `*` in the model part stands for the name the client asked for. */
export function toProviderModel(target: string, asked: string): string {
  const model = target.slice(target.indexOf("/") + 1);
  return model.includes("*") ? model.replace("*", () => withoutLatest(asked)) : model;
}

export const toNames = ({ providerId, keyName }: Slot, model: string): SlotNames => ({
  key: keyName,
  model: `${keyName} ${model}`,
  target: `${providerId}/${model}`,
});

/** FNV-1a, 32 bits. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
