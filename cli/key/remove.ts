import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { findKey } from "./find-key.ts";
import { record, text } from "../shape.ts";

export default command({
  args: { key: { type: "positional", required: true, description: "The key's id or name." } },
  examples: ["ccproxy key remove ci"],
  output: record({ removed: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const id = findKey(args.key, config.current.keys);
      await config.update((draft) => {
        delete draft.keys[id];
      });
      print(args, invocation, { removed: id }, []);
      const { io } = invocation;
      io.stderr(`removed ${id}\n`);
      if (Object.keys(config.current.keys).length === 0)
        io.stderr("no key is left: callers on this machine need none now\n");
    }),
});
