import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskGroup } from "../mask-group.ts";
import { print } from "../print.ts";
import { groupShape } from "../shape.ts";

export default command({
  args: { name: { type: "positional", required: true, description: "The group's name." } },
  examples: ["ccproxy group show qwen"],
  output: groupShape,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const name = findName("group", args.name, config.current.groups);
      const group = config.current.groups[name];
      const shown = { name, ...(group && maskGroup(group)) };
      print(args, invocation, shown, JSON.stringify(shown, undefined, 2));
    }),
});
