import type { ProviderConfig } from "../storage/types.ts";
import { allowsPrivate, createPublicLookup, type ManyLookup } from "./private-names.ts";

/** How connections to a provider are made: how long that may take, whom it trusts, and where its name may lead. */
export async function toConnectOptions(provider: ProviderConfig, lookup?: ManyLookup) {
  return {
    timeout: provider.timeouts?.connect ?? CONNECT_MS,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED in the environment does not say otherwise.
    rejectUnauthorized: true,
    ...(!allowsPrivate(provider) && {
      lookup: createPublicLookup(lookup ?? (await import("node:dns")).lookup),
    }),
    ...(provider.caFile !== undefined && { ca: await readCertificates(provider.caFile) }),
  };
}

async function readCertificates(file: string): Promise<string[]> {
  const [{ readFile }, { rootCertificates }] = await Promise.all([
    import("node:fs/promises"),
    import("node:tls"),
  ]);
  return [...rootCertificates, await readFile(file, "utf8")];
}

/** Milliseconds. */
const CONNECT_MS = 15_000;
