import { command } from "../command.ts";
import { refuseTaken } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskSecrets } from "../mask-secrets.ts";
import { print } from "../print.ts";
import { applyFields, providerArgs, repeatableProviderArgs } from "./apply-fields.ts";
import { providerShape } from "../shape.ts";

export default command({
  args: {
    id: { type: "positional", required: true, description: "A name of your own for it." },
    ...providerArgs,
    protocol: { ...providerArgs.protocol, required: true },
    "base-url": { ...providerArgs["base-url"], required: true },
  },
  repeatable: repeatableProviderArgs,
  examples: [
    "ccproxy provider add lan --protocol ollama --base-url http://192.168.1.9:11434",
    "ccproxy provider add openrouter --protocol openai --base-url https://openrouter.ai/api/v1 --key env:OPENROUTER_API_KEY",
    "pass show anthropic | ccproxy provider add anthropic --protocol claude --base-url https://api.anthropic.com --key -",
  ],
  output: providerShape,
  async run(args, invocation) {
    const provider = await applyFields({}, args, invocation);
    await withStorage(args, invocation, async ({ config }) => {
      refuseTaken("provider", args.id, config.current.providers);
      await config.update((draft) => {
        refuseTaken("provider", args.id, draft.providers);
        draft.providers[args.id] = provider;
      });
      print(args, invocation, { id: args.id, ...maskSecrets(provider) }, []);
    });
    invocation.io.stderr(
      `added; now 'ccproxy model add <alias> ${args.id}/<model>' makes its models known by a name\n`,
    );
  },
});
