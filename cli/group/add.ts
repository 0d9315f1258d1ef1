import type { GroupConfig } from "../../storage/types.ts";
import { command } from "../command.ts";
import { refuseTaken } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskGroup } from "../mask-group.ts";
import { print } from "../print.ts";
import { applyFields, groupArgs, repeatableGroupArgs } from "./apply-fields.ts";
import { groupShape } from "../shape.ts";

export default command({
  args: {
    name: { type: "positional", required: true, description: "The group's name, which is also its path." },
    ...groupArgs,
  },
  repeatable: repeatableGroupArgs,
  examples: [
    "ccproxy group add qwen --tools auto --temperature-ratio 0.7",
    "ccproxy group add work --prompt-mode enhance --prompt-text 'Answer in French.' --tool-filter WebFetch,WebSearch",
  ],
  output: groupShape,
  async run(args, invocation) {
    const apply = await applyFields(args, invocation);
    await withStorage(args, invocation, async ({ config }) => {
      await config.update((draft) => {
        refuseTaken("group", args.name, draft.groups);
        const group: GroupConfig = { models: {} };
        apply(group);
        draft.groups[args.name] = group;
      });
      const group = config.current.groups[args.name];
      print(args, invocation, { name: args.name, ...(group && maskGroup(group)) }, []);
    });
    invocation.io.stderr(`added; now 'ccproxy model add <alias> <provider/model> --group ${args.name}'\n`);
  },
});
