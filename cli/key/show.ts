import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { findKey, toShown } from "./find-key.ts";
import { keyShape } from "../shape.ts";

export default command({
  args: { key: { type: "positional", required: true, description: "The key's id or name." } },
  examples: ["ccproxy key show claude-code"],
  output: keyShape,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const id = findKey(args.key, config.current.keys);
      const key = config.current.keys[id];
      if (!key) return;
      const shown = toShown(id, key);
      print(args, invocation, shown, JSON.stringify(shown, undefined, 2));
    }),
});
