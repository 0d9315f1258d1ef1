import { suggest } from "../../../storage/suggest.ts";
import type { Config, ProviderConfig } from "../../../storage/types.ts";
import { CliError } from "../../exit-code.ts";
import { findName } from "../../find-name.ts";
import { maskKey } from "../../mask-secrets.ts";

export interface ProviderKey {
  /** As configured. */
  key: string;
  /** How it may be shown. */
  shown: string;
  /** What cooldowns and logs call it: `openrouter#2`; absent while it is disabled. */
  name?: string;
  enabled: boolean;
}

/** All keys of a provider, the disabled ones last. */
export function listProviderKeys(
  id: string,
  { keys = [], disabledKeys = [] }: ProviderConfig,
): ProviderKey[] {
  return [
    ...keys.map((key, index) => ({ key, shown: maskKey(key), name: `${id}#${index + 1}`, enabled: true })),
    ...disabledKeys.map((key) => ({ key, shown: maskKey(key), enabled: false })),
  ];
}

/** A key by its place (`2`, `#2`, `openrouter#2`), as `env:NAME` or `NAME`, `file:PATH`, or by how it is shown. */
export function findProviderKey(id: string, provider: ProviderConfig, asked: string): ProviderKey {
  const all = listProviderKeys(id, provider);
  const place = /^(?:.*#)?(\d+)$/.exec(asked)?.[1];
  const named = all.filter(({ key, shown }) => [asked, `env:${asked}`].includes(key) || shown === asked);
  const found =
    named.length > 0 ? named : place === undefined ? [] : all.slice(Number(place) - 1, Number(place));
  const [first, second] = found;
  if (second)
    throw new CliError(
      "not-found",
      `"${asked}" means several keys of ${id}`,
      "name it by its place, such as #2",
    );
  if (first) return first;
  const names = all.map(({ shown }) => shown);
  const meant = suggest(asked, names);
  const next =
    names.length === 0
      ? `'ccproxy provider key add ${id} env:NAME' adds one`
      : meant
        ? `did you mean ${meant}?`
        : `there is ${names.join(", ")}`;
  throw new CliError("not-found", `${id} has no key "${asked}"`, next);
}

/** The provider of a name in a configuration that may be changed. */
export function openProvider(config: Config, asked: string): { id: string; provider: ProviderConfig } {
  const id = findName("provider", asked, config.providers);
  return { id, provider: config.providers[id] ?? { protocol: "", baseUrl: "" } };
}
