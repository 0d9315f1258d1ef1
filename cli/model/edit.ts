import { listTargets, withTargets } from "../../storage/targets-of.ts";
import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskAlias } from "../mask-group.ts";
import { print } from "../print.ts";
import { groupArg, nameOf, openGroup, readFields, targetArgs, toTarget } from "./targets.ts";
import { anything, record, text } from "../shape.ts";

export default command({
  args: {
    alias: { type: "positional", required: true, description: "The alias." },
    target: {
      type: "positional",
      required: false,
      description: "New targets, in place of all it has; none: the old ones stay.",
    },
    ...groupArg,
    ...targetArgs,
    only: { type: "string", valueHint: "provider/model", description: "Set fields of this target alone." },
    enabled: { type: "boolean", description: "Use the targets; --no-enabled keeps them without using them." },
  },
  more: true,
  examples: [
    "ccproxy model edit small lan/gemma3:12b",
    "ccproxy model edit 'claude-sonnet-*' --group qwen --only lan/qwen3-coder:30b --weight 2 --tools compat",
  ],
  output: record({ group: text, alias: text, targets: anything }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const [asked = "", ...targets] = invocation.words;
      const fields = { ...readFields(args), ...(args.enabled !== undefined && { enabled: args.enabled }) };
      let [group, alias] = [args.group, asked];
      await config.update((draft) => {
        const opened = openGroup(draft, args.group);
        const { models } = opened.group;
        group = opened.name;
        alias = findName("model", asked, models);
        const before = listTargets(models[alias]);
        const known = Object.fromEntries(before.map((target) => [nameOf(target), target]));
        const only = args.only === undefined ? undefined : findName("target", args.only, known);
        // A target that stays keeps its settings.
        const next = targets.length > 0 ? targets.map((target) => known[target] ?? target) : before;
        const changed = next.map((target) =>
          only === undefined || nameOf(target) === only ? toTarget(target, fields) : target,
        );
        models[alias] = withTargets(models[alias], changed);
      });
      const now = config.current.groups[group]?.models[alias];
      print(args, invocation, { group, alias, targets: now && maskAlias(now) }, []);
      invocation.io.stderr(`changed ${alias} in group ${group}\n`);
    }),
});
