import { command } from "../../command.ts";
import { CliError } from "../../exit-code.ts";
import { withStorage } from "../../home.ts";
import { maskKey } from "../../mask-secrets.ts";
import { print } from "../../print.ts";
import { readSecrets } from "../../read-secrets.ts";
import { list, record, text } from "../../shape.ts";
import { openProvider } from "./find-provider-key.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: { type: "positional", required: true, description: "env:NAME, file:PATH, or - for standard input." },
  },
  more: true,
  examples: [
    "ccproxy provider key add openrouter env:OPENROUTER_KEY_2",
    "pass show openrouter | ccproxy provider key add openrouter -",
  ],
  output: record({ provider: text, added: list(text) }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, resolveKey }) => {
      const { io, words } = invocation;
      const { id } = openProvider(config.current, args.provider);
      const keys = await readSecrets("key", words.slice(1), io);
      await config.update((draft) => {
        const { provider } = openProvider(draft, id);
        const had = [...(provider.keys ?? []), ...(provider.disabledKeys ?? [])];
        const twice = keys.find((key) => had.includes(key));
        if (twice !== undefined)
          throw new CliError(
            "already-exists",
            `${id} has ${maskKey(twice)} already`,
            `'ccproxy provider key list ${id}' shows its keys`,
          );
        provider.keys = [...(provider.keys ?? []), ...keys];
      });
      print(args, invocation, { provider: id, added: keys.map(maskKey) }, []);
      io.stderr(`added to ${id}: ${keys.map(maskKey).join(", ")}\n`);
      const unset = keys.filter((key) => resolveKey(key) === undefined);
      if (unset.length > 0) io.stderr(`warning: ${unset.join(", ")} has no value in this shell\n`);
      else io.stderr(`'ccproxy provider key test ${id}' tries it\n`);
    }),
});
