import { targetsOf } from "../../storage/targets-of.ts";
import type { Config } from "../../storage/types.ts";

/**
 * A model to try a provider with: one that a group's alias leads to, else the first configured, else of those it lists
 * one that talks, rather a small one: the test costs a few tokens.
 */
export function pickModel(config: Config, providerId: string, listed: readonly string[]): string | undefined {
  const prefix = `${providerId}/`;
  const used = Object.values(config.groups)
    .flatMap(({ models }) => Object.values(models).flatMap((alias) => targetsOf(alias)))
    .map(({ target }) => target)
    .find((target) => target.startsWith(prefix) && !target.includes("*"));
  if (used !== undefined) return used.slice(prefix.length);
  const [own] = config.providers[providerId]?.models ?? [];
  if (own !== undefined) return own;
  const talking = listed.filter((name) => !MUTE.test(name));
  return talking.find((name) => FREE.test(name)) ?? talking.find((name) => SMALL.test(name)) ?? talking[0];
}

/** Models whose names say that they do not chat. */
export const MUTE =
  /embed|whisper|tts|audio|speech|image|dall-?e|moderation|rerank|realtime|transcri|guard|video|sora|veo|imagen|ocr|bge-|davinci|babbage|instruct-0914|flux|diffusion|lyria|aqa|robotics|computer-use/i;
const FREE = /:free$/i;
const SMALL = /(?:^|[^a-z])(?:mini|nano|lite|flash|haiku|small|fast|instant|air|[1-9]b)(?:[^a-z]|$)/i;
