import { listTargets } from "../../storage/targets-of.ts";
import type { Storage } from "../../storage/types.ts";
import { command, type CommonArgs, type Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { maskTarget } from "../mask-group.ts";
import { print, toTable } from "../print.ts";
import { describe } from "./targets.ts";
import { list, number, record, targetShape, text } from "../shape.ts";

export default command({
  args: {
    group: { type: "string", valueHint: "name", description: "Only those of this group." },
    provider: {
      type: "string",
      valueHint: "name",
      description: "The provider's own models instead, as it lists them now.",
    },
  },
  examples: [
    "ccproxy model list",
    "ccproxy model list --group qwen --json",
    "ccproxy model list --provider openrouter",
  ],
  output: {
    anyOf: [
      list(record({ group: text, alias: text, targets: list(targetShape) })),
      list(record({ id: text }, { contextLength: number })),
    ],
  },
  run: (args, invocation) =>
    withStorage(args, invocation, async (storage) => {
      const { config } = storage;
      if (args.provider !== undefined) {
        if (args.group !== undefined)
          throw new CliError("conflicting-flags", "--group and --provider", "give one of them");
        return listAtProvider(args.provider, storage, { args, invocation });
      }
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

async function listAtProvider(
  asked: string,
  storage: Storage,
  { args, invocation }: { args: CommonArgs; invocation: Invocation },
): Promise<void> {
  const { providers } = storage.config.current;
  const id = findName("provider", asked, providers);
  const provider = providers[id];
  if (!provider) return;
  const { listProviderModels } = await import("../../server/list-provider-models.ts");
  const models = await listProviderModels(storage, id, provider).catch((error: Error) => {
    throw new CliError(
      "provider-failed",
      `${id}: ${error.message}`,
      `'ccproxy provider test ${id}' finds out why`,
    );
  });
  const shown = models.map((model) => ({
    id: model.id,
    ...(model.contextLength !== undefined && { contextLength: model.contextLength }),
  }));
  print(
    args,
    invocation,
    shown,
    shown.map((model) => model.id),
  );
}
