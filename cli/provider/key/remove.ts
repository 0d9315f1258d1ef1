import { command } from "../../command.ts";
import { withStorage } from "../../home.ts";
import { print } from "../../print.ts";
import { record, text } from "../../shape.ts";
import { findProviderKey, openProvider } from "./find-provider-key.ts";
import { setKeys } from "./set-keys.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: { type: "positional", required: true, description: "Which key: #2, env:NAME, file:PATH." },
  },
  examples: [
    "ccproxy provider key remove openrouter env:OPENROUTER_KEY_2",
    "ccproxy provider key remove openrouter '#2'",
  ],
  output: record({ provider: text, removed: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let [id, shown] = [args.provider, ""];
      await config.update((draft) => {
        const opened = openProvider(draft, args.provider);
        const found = findProviderKey(opened.id, opened.provider, args.key);
        [id, shown] = [opened.id, found.shown];
        const without = (keys: string[] = []): string[] => keys.filter((key) => key !== found.key);
        setKeys(opened.provider, without(opened.provider.keys), without(opened.provider.disabledKeys));
      });
      print(args, invocation, { provider: id, removed: shown }, []);
      invocation.io.stderr(`removed ${shown} from ${id}\n`);
    }),
});
