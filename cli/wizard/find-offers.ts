import { findPortHolder } from "../../server/port-holder.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import {
  findKeyVariable,
  KNOWN_PROVIDERS,
  toProviderConfig,
  type KnownProvider,
} from "../provider/known-providers.ts";

/** A well-known provider, and what of it is there already. */
export interface Offer {
  known: KnownProvider;
  provider: ProviderConfig;
  /** Why it is offered first: "OPENAI_API_KEY is set", "answers on 127.0.0.1:11434". Absent: nothing is there yet. */
  found?: string;
  /** Taken unless the user says otherwise. */
  chosen: boolean;
}

/** All that can be set up: what is there first, what runs on this machine only where it answers. */
export async function findOffers(env: Record<string, string | undefined>): Promise<Offer[]> {
  const offers = await Promise.all(
    KNOWN_PROVIDERS.map(async (known): Promise<Offer> => {
      const provider = toProviderConfig(known, env);
      const found = known.local ? await askLocal(known, provider) : findVariable(known, env);
      const chosen = found !== undefined && known.shared !== true;
      return { known, provider, chosen, ...(found !== undefined && { found }) };
    }),
  );
  const there = offers.filter(({ found }) => found !== undefined);
  const others = offers.filter(({ found, known }) => found === undefined && !known.local);
  return [...there.filter(({ chosen }) => chosen), ...there.filter(({ chosen }) => !chosen), ...others];
}

function findVariable(known: KnownProvider, env: Record<string, string | undefined>): string | undefined {
  const name = findKeyVariable(known, env);
  return name === undefined ? undefined : `${name} is set`;
}

async function askLocal({ id }: KnownProvider, { baseUrl }: ProviderConfig): Promise<string | undefined> {
  const url = new URL(baseUrl);
  const port = Number(url.port || 80);
  const holder = await findPortHolder(url.hostname, port);
  const answers = `answers on ${url.host}`;
  if (!holder || holder.kind === "ccproxy") return undefined;
  if (id === "ollama") return holder.kind === "ollama" ? answers : undefined;
  // Many a program listens on 8080: only one that lists models is meant.
  return (await listsModels(baseUrl)) ? answers : undefined;
}

async function listsModels(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/models`, {
      redirect: "manual",
      signal: AbortSignal.timeout(1000),
    });
    return response.ok && Array.isArray(((await response.json()) as { data?: unknown }).data);
  } catch {
    return false;
  }
}
