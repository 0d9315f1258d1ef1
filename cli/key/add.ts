import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { toDate } from "../to-value.ts";
import { repeatableScopeArgs, scopeArgs, toScope } from "./scope-fields.ts";
import { keyFields, record, text } from "../shape.ts";

export default command({
  args: {
    name: { type: "positional", required: true, description: "Whose key it is." },
    ...scopeArgs,
    expires: {
      type: "string",
      valueHint: "when",
      description: "An ISO date, or a span such as 12h, 30d, 8w.",
    },
  },
  repeatable: [...repeatableScopeArgs],
  examples: [
    "ccproxy key add claude-code",
    "ccproxy key add ci --group qwen --expires 30d",
    "ccproxy key add laptop --model 'claude-*' --protocol claude --address 192.168.1.0/24",
  ],
  output: record({ id: text, name: text, key: text }, keyFields),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, keyRing }) => {
      const { io } = invocation;
      const scope = toScope(invocation, config.current);
      const expiresAt = args.expires === undefined ? undefined : toDate("expires", args.expires, Date.now());
      const { id, secret, record } = keyRing.create(args.name);
      const isFirst = Object.keys(config.current.keys).length === 0;
      await config.update((draft) => {
        draft.keys[id] = { ...record, ...scope, ...(expiresAt !== undefined && { expiresAt }) };
      });
      const shown = {
        id,
        name: args.name,
        key: secret,
        ...scope,
        ...(expiresAt && { expiresAt }),
      };
      io.stdout(args.json ? `${JSON.stringify(shown, undefined, 2)}\n` : `${secret}\n`);
      io.stderr("keep it now: it is shown once, and stored nowhere\n");
      if (isFirst) io.stderr("from now on every caller needs a key, except Ollama clients on this machine\n");
    }),
});
