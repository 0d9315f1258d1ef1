import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { refuseTaken } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskAlias } from "../mask-group.ts";
import { print } from "../print.ts";
import { groupArg, openGroup, readFields, targetArgs, toTarget } from "./targets.ts";
import { list, record, targetShape, text } from "../shape.ts";

export default command({
  args: {
    alias: {
      type: "positional",
      required: true,
      description: "The name clients ask for, or a pattern with *.",
    },
    target: {
      type: "positional",
      required: true,
      description: "provider/model; * as the model stands for the name asked for.",
    },
    ...groupArg,
    ...targetArgs,
  },
  more: true,
  examples: [
    "ccproxy model add '*' 'lan/*'",
    "ccproxy model add 'claude-sonnet-*' openrouter/qwen/qwen3-coder lan/qwen3-coder:30b --group qwen",
    "ccproxy model add small lan/gemma3:4b --tools compat",
  ],
  output: record({ group: text, alias: text, targets: list(targetShape) }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const [alias = "", ...targets] = invocation.words;
      const fields = readFields(args);
      const wrong = targets.find((target) => !/^[^/]+\/.+$/.test(target));
      if (wrong !== undefined)
        throw new CliError(
          "bad-value",
          `"${wrong}": expected provider/model`,
          "'ccproxy provider list' shows the providers",
        );
      let name = "";
      await config.update((draft) => {
        const opened = openGroup(draft, args.group);
        name = opened.name;
        refuseTaken("model", alias, opened.group.models);
        opened.group.models[alias] = targets.map((target) => toTarget(target, fields));
      });
      const now = config.current.groups[name]?.models[alias];
      print(args, invocation, { group: name, alias, targets: now && maskAlias(now) }, []);
      invocation.io.stderr(`added ${alias} to group ${name}\n`);
    }),
});
