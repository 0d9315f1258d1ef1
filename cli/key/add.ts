import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { toDate, toWords } from "../to-value.ts";

export default command({
  args: {
    name: { type: "positional", required: true, description: "Whose key it is." },
    group: { type: "string", valueHint: "name", description: "A group it reaches; none: all." },
    expires: {
      type: "string",
      valueHint: "when",
      description: "An ISO date, or a span such as 12h, 30d, 8w.",
    },
  },
  repeatable: ["group"],
  examples: ["ccproxy key add claude-code", "ccproxy key add ci --group qwen --expires 30d"],
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, keyRing }) => {
      const { io, list } = invocation;
      const asked = toWords(list("group") ?? []);
      const groups = asked.map((name) =>
        name === "default" ? name : findName("group", name, config.current.groups),
      );
      const expiresAt = args.expires === undefined ? undefined : toDate("expires", args.expires, Date.now());
      const { id, secret, record } = keyRing.create(args.name, groups);
      const isFirst = Object.keys(config.current.keys).length === 0;
      await config.update((draft) => {
        draft.keys[id] = { ...record, ...(expiresAt !== undefined && { expiresAt }) };
      });
      const shown = {
        id,
        name: args.name,
        key: secret,
        ...(groups.length > 0 && { groups }),
        ...(expiresAt && { expiresAt }),
      };
      io.stdout(args.json ? `${JSON.stringify(shown, undefined, 2)}\n` : `${secret}\n`);
      io.stderr("keep it now: it is shown once, and stored nowhere\n");
      if (isFirst) io.stderr("from now on every caller needs a key, except Ollama clients on this machine\n");
    }),
});
