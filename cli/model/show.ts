import { listTargets, strategyOf } from "../../storage/targets-of.ts";
import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskTarget } from "../mask-group.ts";
import { print } from "../print.ts";
import { groupArg } from "./targets.ts";
import { list, record, targetShape, text } from "../shape.ts";

export default command({
  args: { alias: { type: "positional", required: true, description: "The alias." }, ...groupArg },
  examples: ["ccproxy model show 'claude-sonnet-*' --group qwen"],
  output: record({ group: text, alias: text, targets: list(targetShape) }, { strategy: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const group = findName("group", args.group, config.current.groups);
      const models = config.current.groups[group]?.models ?? {};
      const alias = findName("model", args.alias, models);
      const strategy = strategyOf(models[alias]);
      const shown = {
        group,
        alias,
        ...(strategy && { strategy }),
        targets: listTargets(models[alias]).map(maskTarget),
      };
      print(args, invocation, shown, JSON.stringify(shown, undefined, 2));
    }),
});
