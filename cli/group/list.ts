import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print, toTable } from "../print.ts";
import { list, record, text, yesNo } from "../shape.ts";

export default command({
  args: {},
  examples: ["ccproxy group list"],
  output: list(record({ name: text, active: yesNo, tools: text, prompt: text, aliases: list(text) })),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const { groups, activeGroup } = config.current;
      const listed = Object.entries(groups).map(([name, group]) => ({
        name,
        active: name.toLowerCase() === activeGroup.toLowerCase(),
        tools: group.tools ?? "auto",
        prompt: group.prompt?.mode ?? "off",
        aliases: Object.keys(group.models),
      }));
      const rows = listed.map((group) => [
        `${group.name}${group.active ? " *" : ""}`,
        group.tools,
        group.prompt,
        group.aliases.join(", "),
      ]);
      print(
        args,
        invocation,
        listed,
        rows.length > 0 ? toTable(["GROUP", "TOOLS", "PROMPT", "ALIASES"], rows) : [],
      );
      if (rows.length === 0) invocation.io.stderr("no groups yet; 'ccproxy model add' makes the first one\n");
    }),
});
