import { suggest } from "../../storage/suggest.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import { findAddress } from "../address.ts";
import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { refuseTaken } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskSecrets } from "../mask-secrets.ts";
import { isOurs } from "../own-address.ts";
import { print } from "../print.ts";
import { applyFields, providerArgs, repeatableProviderArgs } from "./apply-fields.ts";
import { providerShape } from "../shape.ts";
import { findKnownProvider, KNOWN_PROVIDERS, toProviderConfig } from "./known-providers.ts";

export default command({
  args: {
    id: {
      type: "positional",
      required: true,
      description:
        "A name of your own; or a well-known one (openrouter, anthropic, ollama …), which needs no more.",
    },
    ...providerArgs,
  },
  repeatable: repeatableProviderArgs,
  examples: [
    "ccproxy provider add openrouter",
    "ccproxy provider add lan --protocol ollama --base-url http://192.168.1.9:11434",
    "ccproxy provider add openrouter --protocol openai --base-url https://openrouter.ai/api/v1 --key env:OPENROUTER_API_KEY",
    "pass show anthropic | ccproxy provider add anthropic --protocol claude --base-url https://api.anthropic.com --key -",
  ],
  output: providerShape,
  async run(args, invocation) {
    const provider = await applyFields(findDefaults(args, invocation.io.env), args, invocation);
    const { io } = invocation;
    await withStorage(args, invocation, async ({ config }) => {
      refuseTaken("provider", args.id, config.current.providers);
      await config.update((draft) => {
        refuseTaken("provider", args.id, draft.providers);
        draft.providers[args.id] = provider;
      });
      print(args, invocation, { id: args.id, ...maskSecrets(provider) }, []);
      const address = findAddress({}, io, config.current);
      if (isOurs(new URL(provider.baseUrl), address))
        io.stderr(
          `warning: ${provider.baseUrl} is where ccproxy itself listens; 'ccproxy start --port ${address.port + 1}' leaves it to ${args.id}\n`,
        );
    });
    const unset = (provider.keys ?? []).find((key) => key.startsWith("env:") && !io.env[key.slice(4)]);
    const from = findKnownProvider(args.id)?.from;
    if (unset !== undefined)
      io.stderr(
        `${unset.slice(4)} is not set here${from === undefined ? "" : `; a key is to be had at ${from}`}\n`,
      );
    io.stderr(
      `added; 'ccproxy provider test ${args.id}' tries it, 'ccproxy model add <alias> ${args.id}/<model>' names its models\n`,
    );
  },
});

/** What is known of a well-known provider; nothing of one that is described by the flags. */
function findDefaults(
  flags: { id: string; protocol?: string; "base-url"?: string },
  env: Record<string, string | undefined>,
): Partial<ProviderConfig> {
  if (flags.protocol !== undefined && flags["base-url"] !== undefined) return {};
  const known = findKnownProvider(flags.id);
  if (known) return toProviderConfig(known, env);
  const names = KNOWN_PROVIDERS.map(({ id }) => id);
  const meant = suggest(flags.id, names);
  throw new CliError(
    "missing-argument",
    `--${flags.protocol === undefined ? "protocol" : "base-url"} is missing, and "${flags.id}" is no well-known provider`,
    meant === undefined ? `well-known are ${names.join(", ")}` : `did you mean "${meant}"?`,
  );
}
