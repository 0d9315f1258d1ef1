import type { Config } from "../storage/types.ts";

/** The target that `provider/model` or `provider,model` names; undefined: there is no such provider. */
export function findDirect(config: Config, name: string): string | undefined {
  const cut = name.search(/[/,]/);
  if (cut < 1 || cut === name.length - 1) return undefined;
  const asked = name.slice(0, cut).toLowerCase();
  const provider = Object.keys(config.providers).find((id) => id.toLowerCase() === asked);
  // A literal star would stand for the name asked for.
  const model = name.slice(cut + 1).trim();
  return provider === undefined || model === "" || model.includes("*") ? undefined : `${provider}/${model}`;
}
