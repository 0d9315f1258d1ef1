import { command } from "./command.ts";
import { findName } from "./find-name.ts";
import { withStorage } from "./home.ts";
import { print } from "./print.ts";
import { record, text } from "./shape.ts";

export default command({
  args: { group: { type: "positional", required: true, description: "The group." } },
  examples: ["ccproxy use qwen"],
  output: record({ activeGroup: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let name = args.group;
      await config.update((draft) => {
        // "default" may be active before it exists.
        name =
          args.group.toLowerCase() === "default" ? "default" : findName("group", args.group, draft.groups);
        draft.activeGroup = name;
      });
      print(args, invocation, { activeGroup: name }, []);
      invocation.io.stderr(`/switch now serves ${name}\n`);
    }),
});
