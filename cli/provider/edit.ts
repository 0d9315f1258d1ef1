import type { ProviderConfig } from "../../storage/types.ts";
import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskSecrets } from "../mask-secrets.ts";
import { print } from "../print.ts";
import { unset, unsetArg } from "../unset.ts";
import { applyFields, providerArgs, repeatableProviderArgs } from "./apply-fields.ts";
import { providerShape } from "../shape.ts";

export default command({
  args: {
    id: { type: "positional", required: true, description: "The provider's name." },
    ...providerArgs,
    unset: unsetArg,
  },
  repeatable: [...repeatableProviderArgs, "unset"],
  examples: [
    "ccproxy provider edit lan --base-url http://192.168.1.10:11434",
    "ccproxy provider edit openrouter --key env:OPENROUTER_API_KEY --key env:OPENROUTER_KEY_2",
    "ccproxy provider edit openrouter --unset headers --no-enabled",
  ],
  output: providerShape,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const id = findName("provider", args.id, config.current.providers);
      const fields = unset(invocation, FIELDS);
      const before = config.current.providers[id];
      const wanted = await applyFields(before ?? {}, args, invocation);
      await config.update((draft) => {
        const provider = draft.providers[findName("provider", id, draft.providers)];
        // Only what the flags name: another edit that came between stays.
        for (const name of Object.keys(wanted) as (keyof ProviderConfig)[]) {
          if (provider && wanted[name] !== before?.[name]) Object.assign(provider, { [name]: wanted[name] });
        }
        for (const name of fields) if (provider) Reflect.deleteProperty(provider, name);
      });
      const provider = config.current.providers[id];
      if (provider) print(args, invocation, { id, ...maskSecrets(provider) }, []);
      invocation.io.stderr(`changed ${id}\n`);
    }),
});

const FIELDS = [
  "keys",
  "headers",
  "params",
  "models",
  "timeouts",
  "proxy",
  "caFile",
  "allowPrivate",
  "askWhole",
  "quirks",
  "enabled",
];
