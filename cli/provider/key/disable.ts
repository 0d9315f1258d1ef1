import { command } from "../../command.ts";
import { withStorage } from "../../home.ts";
import { print } from "../../print.ts";
import { record, text, yesNo } from "../../shape.ts";
import { findProviderKey, openProvider } from "./find-provider-key.ts";
import { setKeys } from "./set-keys.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: { type: "positional", required: true, description: "Which key: #2, env:NAME, file:PATH." },
  },
  examples: [
    "ccproxy provider key disable openrouter env:OPENROUTER_KEY_2",
    "ccproxy provider key disable openrouter '#2'",
  ],
  output: record({ provider: text, key: text, enabled: yesNo }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let [id, shown, said] = [args.provider, "", "is no longer used"];
      await config.update((draft) => {
        const { id: name, provider } = openProvider(draft, args.provider);
        const found = findProviderKey(name, provider, args.key);
        [id, shown] = [name, found.shown];
        if (!found.enabled) {
          said = "is off already";
          return;
        }
        const { key } = found;
        const without = (keys: string[] = []): string[] => keys.filter((other) => other !== key);
        setKeys(provider, without(provider.keys), [...(provider.disabledKeys ?? []), key]);
      });
      print(args, invocation, { provider: id, key: shown, enabled: false }, []);
      invocation.io.stderr(`${id}: ${shown} ${said}\n`);
      if (!config.current.providers[id]?.keys?.length)
        invocation.io.stderr(`warning: ${id} has no other key, so it is not asked any more\n`);
    }),
});
