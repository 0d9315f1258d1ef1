import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { maskSecrets } from "../mask-secrets.ts";
import { print, toTable } from "../print.ts";
import { list, providerShape } from "../shape.ts";

export default command({
  args: {},
  examples: ["ccproxy provider list", "ccproxy provider list --json"],
  output: list(providerShape),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, resolveKey }) => {
      const providers = Object.entries(config.current.providers).map(([id, provider]) => ({
        id,
        ...maskSecrets(provider),
        // A reference that leads nowhere is the usual reason why a provider refuses us.
        missingKeys: (provider.keys ?? []).filter((key) => resolveKey(key) === undefined),
      }));
      const rows = providers.map((provider) => [
        provider.id,
        provider.protocol,
        provider.enabled === false ? "off" : "on",
        `${provider.keys?.length ?? 0}${provider.missingKeys.length > 0 ? ` (not set: ${provider.missingKeys.join(", ")})` : ""}`,
        provider.baseUrl,
      ]);
      print(
        args,
        invocation,
        providers,
        rows.length > 0 ? toTable(["PROVIDER", "PROTOCOL", "STATE", "KEYS", "ADDRESS"], rows) : [],
      );
      if (rows.length === 0)
        invocation.io.stderr("no providers yet; 'ccproxy provider add --help' shows how\n");
    }),
});
