import { command } from "../command.ts";
import { CliError, EXIT } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";

export default command({
  args: { name: { type: "positional", required: true, description: "The group's name." } },
  examples: ["ccproxy group remove qwen"],
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      let name = args.name;
      await config.update((draft) => {
        name = findName("group", args.name, draft.groups);
        const isActive = draft.activeGroup.toLowerCase() === name.toLowerCase();
        if (isActive && name !== "default") {
          throw new CliError(
            EXIT.failure,
            `"${name}" is the active group; 'ccproxy use <group>' makes another one active`,
          );
        }
        const scoped = Object.values(draft.keys).filter((key) =>
          key.groups?.some((group) => group.toLowerCase() === name.toLowerCase()),
        );
        if (scoped.length > 0) {
          throw new CliError(
            EXIT.failure,
            `the key "${scoped[0]?.name ?? ""}" is made for group "${name}"; change or remove it first`,
          );
        }
        delete draft.groups[name];
      });
      print(args, invocation, { removed: name }, []);
      invocation.io.stderr(`removed ${name}\n`);
    }),
});
