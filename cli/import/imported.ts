import type { AliasConfig, Limits, ProviderConfig, RuleConfig, Strategy } from "../../storage/types.ts";

/** What another program's configuration means in ours, before it is put into a group. */
export interface Imported {
  providers: Record<string, ProviderConfig>;
  models: Record<string, AliasConfig>;
  rules: RuleConfig[];
  strategy?: Strategy;
  contextOverflow?: boolean;
}

export const createImported = (): Imported => ({ providers: {}, models: {}, rules: [] });

export interface ProviderFacts {
  id: string;
  protocol: string;
  baseUrl: string;
  key?: string;
  models?: string[];
  limits?: Limits;
}

/** Adds a provider, or its key and models to the one that is there; returns its name. Other addresses get other names. */
export function addProvider(imported: Imported, { id, key, models, limits, ...rest }: ProviderFacts): string {
  const base = toId(id);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    const known = imported.providers[name];
    if (known && (known.baseUrl !== rest.baseUrl || known.protocol !== rest.protocol)) continue;
    const provider: ProviderConfig = known ?? { ...rest };
    if (key !== undefined && !provider.keys?.includes(key)) provider.keys = [...(provider.keys ?? []), key];
    if (models) provider.models = [...new Set([...(provider.models ?? []), ...models])];
    if (limits) provider.limits = { ...provider.limits, ...limits };
    imported.providers[name] = provider;
    return name;
  }
}

/** A name as ours may be. */
const toId = (name: string): string =>
  name
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^[^a-z0-9]+/i, "")
    .slice(0, 60) || "provider";

/** An address without the path of the one route that other programs want in it. */
export function toBaseUrl(text: string): string {
  return text
    .trim()
    .replace(
      /\/(?:chat\/completions|responses|v1\/messages|messages|api\/chat|v1beta\/models|models)\/?$/i,
      "",
    )
    .replace(/\/+$/, "");
}

/** A key as others write it: `$NAME`, `${NAME}`, `os.environ/NAME`, `${{ secrets.NAME }}` are variables. */
export function toKey(text: unknown): string | undefined {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const name = /^(?:\$\{?|os\.environ\/|\{env:|\$\{\{\s*secrets\.)([A-Za-z_]\w*)\s*\}{0,2}$/.exec(
    text.trim(),
  )?.[1];
  return name === undefined ? text.trim() : `env:${name}`;
}
