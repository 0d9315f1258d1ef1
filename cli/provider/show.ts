import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskSecrets } from "../mask-secrets.ts";
import { print } from "../print.ts";
import { providerShape } from "../shape.ts";

export default command({
  args: { id: { type: "positional", required: true, description: "The provider's name." } },
  examples: ["ccproxy provider show lan"],
  output: providerShape,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const id = findName("provider", args.id, config.current.providers);
      const provider = config.current.providers[id];
      if (!provider) return;
      const shown = { id, ...maskSecrets(provider) };
      print(args, invocation, shown, JSON.stringify(shown, undefined, 2));
    }),
});
