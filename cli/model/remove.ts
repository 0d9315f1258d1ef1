import { listTargets, withTargets } from "../../storage/targets-of.ts";
import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { groupArg, nameOf, openGroup } from "./targets.ts";
import { record, text } from "../shape.ts";

export default command({
  args: {
    alias: { type: "positional", required: true, description: "The alias." },
    target: { type: "positional", required: false, description: "Only this target of it." },
    ...groupArg,
  },
  examples: [
    "ccproxy model remove small",
    "ccproxy model remove 'claude-*' lan/qwen3-coder:30b --group qwen",
  ],
  output: record({ group: text, removed: text }, { target: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let [group, alias] = [args.group, args.alias];
      await config.update((draft) => {
        const opened = openGroup(draft, args.group);
        const { models } = opened.group;
        group = opened.name;
        alias = findName("model", args.alias, models);
        const targets = listTargets(models[alias]);
        const target =
          args.target &&
          findName("target", args.target, Object.fromEntries(targets.map((known) => [nameOf(known), known])));
        const kept = target ? targets.filter((known) => nameOf(known) !== target) : [];
        if (kept.length > 0) models[alias] = withTargets(models[alias], kept);
        else delete models[alias];
      });
      print(args, invocation, { group, removed: alias, ...(args.target && { target: args.target }) }, []);
      invocation.io.stderr(
        `removed ${args.target ? `${args.target} from ` : ""}${alias} in group ${group}\n`,
      );
    }),
});
