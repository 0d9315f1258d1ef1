import type { BuildOptions } from "../adapters/adapter.ts";
import type { Candidate } from "../routing/router.ts";

/** What an adapter is told of the provider it writes for and reads from. */
export function toBuildOptions(
  { providerId, provider }: Pick<Candidate, "providerId" | "provider">,
  manner: { rawText?: boolean } = {},
): BuildOptions {
  return {
    quirks: provider.quirks,
    provider: { id: providerId, baseUrl: provider.baseUrl },
    ...(manner.rawText && { rawText: true }),
  };
}
