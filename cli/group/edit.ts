import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskGroup } from "../mask-group.ts";
import { print } from "../print.ts";
import { unset, unsetArg } from "../unset.ts";
import { applyFields, groupArgs, repeatableGroupArgs } from "./apply-fields.ts";
import { groupShape } from "../shape.ts";

export default command({
  args: {
    name: { type: "positional", required: true, description: "The group's name." },
    ...groupArgs,
    unset: unsetArg,
  },
  repeatable: [...repeatableGroupArgs, "unset"],
  examples: [
    "ccproxy group edit qwen --tools compat",
    "ccproxy group edit qwen --prompt-mode off --unset toolFilter",
  ],
  output: groupShape,
  async run(args, invocation) {
    const apply = await applyFields(args, invocation);
    const fields = unset(invocation, FIELDS);
    await withStorage(args, invocation, async ({ config }) => {
      let name = args.name;
      await config.update((draft) => {
        name = findName("group", args.name, draft.groups);
        const group = draft.groups[name];
        if (!group) return;
        apply(group);
        for (const field of fields) Reflect.deleteProperty(group, field);
      });
      const group = config.current.groups[name];
      print(args, invocation, { name, ...(group && maskGroup(group)) }, []);
      invocation.io.stderr(`changed ${name}\n`);
    });
  },
});

const FIELDS = ["tools", "compat", "prompt", "toolFilter", "temperatureRatio"];
