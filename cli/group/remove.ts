import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { record, text } from "../shape.ts";

export default command({
  args: { name: { type: "positional", required: true, description: "The group's name." } },
  examples: ["ccproxy group remove qwen"],
  output: record({ removed: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let name = args.name;
      await config.update((draft) => {
        name = findName("group", args.name, draft.groups);
        const isActive = draft.activeGroup.toLowerCase() === name.toLowerCase();
        if (isActive && name !== "default") {
          throw new CliError(
            "in-use",
            `"${name}" is the active group`,
            "'ccproxy use <group>' makes another one active",
          );
        }
        const scoped = Object.values(draft.keys).filter((key) =>
          key.groups?.some((group) => group.toLowerCase() === name.toLowerCase()),
        );
        if (scoped.length > 0) {
          throw new CliError(
            "in-use",
            `the key "${scoped[0]?.name ?? ""}" is made for group "${name}"`,
            "change or remove the key first",
          );
        }
        delete draft.groups[name];
      });
      print(args, invocation, { removed: name }, []);
      invocation.io.stderr(`removed ${name}\n`);
    }),
});
