import { PROVIDERS } from "./provider-quirks.ts";
import { MODELS } from "./providers/models.ts";
import type { ProviderRow } from "./providers/rows.ts";
import type { BuildOptions } from "../adapter.ts";
import type { Quirks } from "./quirks.ts";

/**
 * What is known of a provider and a model, the later the stronger: the provider's row, its rows for the model, the rows
 * of the model wherever it runs. The host of the base URL says more than the id a user gave; for a gateway that is not
 * known the model's maker stands in, where its quirks go through gateways.
 */
export function findQuirks(provider: BuildOptions["provider"], model: string): Partial<Quirks>[] {
  const row = findProvider(provider, model);
  const variants = row?.variants?.filter(({ models }) => models.test(model)) ?? [];
  const everywhere = MODELS.filter(({ models }) => models.test(model));
  return [row, ...variants, ...everywhere].flatMap((found) => (found ? [found.quirks] : []));
}

export function findProvider(provider: BuildOptions["provider"], model: string): ProviderRow | undefined {
  const host = toHost(provider?.baseUrl);
  const id = provider?.id.toLowerCase() ?? "";
  return (
    PROVIDERS.find(({ match }) => match.hosts?.some((known) => isHost(host, known))) ??
    PROVIDERS.find(({ match }) => match.ids?.some((known) => isId(id, known))) ??
    PROVIDERS.find(({ match }) => match.models?.test(model))
  );
}

/** `host:port`, or "" where the text is no URL. */
function toHost(baseUrl: string | undefined): string {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return "";
  return new URL(baseUrl).host.toLowerCase();
}

/** The host or one below it; `:1234` is that port on any host. */
function isHost(host: string, known: string): boolean {
  if (known.startsWith(":")) return host.endsWith(known);
  const name = host.replace(/:\d+$/, "");
  return name === known || name.endsWith(`.${known}`);
}

/** The id, or a name made with it: `vllm`, `vllm-2`, `lan_vllm`. */
function isId(id: string, known: string): boolean {
  const at = id.indexOf(known);
  if (at === -1) return false;
  const isEdge = (character: string | undefined): boolean =>
    character === undefined || !/[a-z]/.test(character);
  return isEdge(id[at - 1]) && isEdge(id[at + known.length]);
}
