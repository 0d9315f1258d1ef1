import { HOSTS } from "./providers/hosts.ts";
import { LOCAL } from "./providers/local.ts";
import { MAKERS } from "./providers/makers.ts";
import type { ProviderRow } from "./providers/rows.ts";

/**
 * The table of providers that are almost OpenAI: who serves. Only what is known is here; a provider without a row gets
 * the plain form. Read in October/November 2026. What a model asks for wherever it runs stands in `providers/models.ts`.
 */
export const PROVIDERS: readonly ProviderRow[] = [...MAKERS, ...HOSTS, ...LOCAL];
