import { listTargets, withTargets } from "../../storage/targets-of.ts";
import type { Config, TargetConfig } from "../../storage/types.ts";
import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { list, record, text } from "../shape.ts";

export default command({
  args: {
    id: { type: "positional", required: true, description: "The provider's name." },
    force: { type: "boolean", description: "Remove the targets that name it, too." },
  },
  examples: ["ccproxy provider remove lan", "ccproxy provider remove lan --force"],
  output: record({ removed: text, changed: list(text) }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const id = findName("provider", args.id, config.current.providers);
      let users: string[] = [];
      await config.update((draft) => {
        users = findUsers(draft, id);
        if (users.length > 0 && !args.force) {
          throw new CliError(
            "in-use",
            `${users.join(", ")} still lead to "${id}"`,
            "--force removes these targets as well",
          );
        }
        removeTargets(draft, id);
        delete draft.providers[id];
      });
      print(args, invocation, { removed: id, changed: users }, []);
      invocation.io.stderr(
        `removed ${id}${users.length > 0 ? `, and its targets in ${users.join(", ")}` : ""}\n`,
      );
    }),
});

/** `group@alias` of every alias with a target at the provider. */
function findUsers(config: Config, id: string): string[] {
  return Object.entries(config.groups).flatMap(([group, { models }]) =>
    Object.entries(models).flatMap(([alias, value]) =>
      listTargets(value).some((target) => isAt(target, id)) ? [`${group}@${alias}`] : [],
    ),
  );
}

function removeTargets(config: Config, id: string): void {
  for (const { models } of Object.values(config.groups)) {
    for (const [alias, value] of Object.entries(models)) {
      const targets = listTargets(value);
      const kept = targets.filter((target) => !isAt(target, id));
      if (kept.length === 0) delete models[alias];
      else if (kept.length < targets.length) models[alias] = withTargets(value, kept);
    }
  }
}

const isAt = (target: TargetConfig, id: string): boolean =>
  (typeof target === "string" ? target : target.target).startsWith(`${id}/`);
