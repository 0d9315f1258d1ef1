import { listTargets } from "../../storage/targets-of.ts";
import { command } from "../command.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskTarget } from "../mask-group.ts";
import { print, toTable } from "../print.ts";
import { describe } from "./targets.ts";
import { list, record, targetShape, text } from "../shape.ts";

export default command({
  args: { group: { type: "string", valueHint: "name", description: "Only those of this group." } },
  examples: ["ccproxy model list", "ccproxy model list --group qwen --json"],
  output: list(record({ group: text, alias: text, targets: list(targetShape) })),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const { groups } = config.current;
      const only = args.group === undefined ? undefined : findName("group", args.group, groups);
      const listed = Object.entries(groups)
        .filter(([name]) => only === undefined || name === only)
        .flatMap(([group, { models }]) =>
          Object.entries(models).map(([alias, value]) => ({
            group,
            alias,
            targets: listTargets(value).map(maskTarget),
          })),
        );
      const rows = listed.map(({ group, alias, targets }) => [
        group,
        alias,
        targets.map(describe).join(", "),
      ]);
      print(args, invocation, listed, rows.length > 0 ? toTable(["GROUP", "ALIAS", "TARGETS"], rows) : []);
      if (rows.length === 0) invocation.io.stderr("no aliases yet; 'ccproxy model add --help' shows how\n");
    }),
});
