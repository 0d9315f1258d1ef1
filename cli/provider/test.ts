import { createTester } from "../../server/provider-test/create-tester.ts";
import type { ProviderReport } from "../../server/provider-test/step.ts";
import { maskKey } from "../mask-secrets.ts";
import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { list } from "../shape.ts";
import { reportShape, writeReport } from "./write-report.ts";

export default command({
  args: {
    name: { type: "positional", required: false, description: "The provider; default: all that are in use." },
    "all-keys": { type: "boolean", description: "With each of its keys, not with the first alone." },
    model: { type: "string", valueHint: "name", description: "The model to ask; default: one that is used." },
  },
  examples: [
    "ccproxy provider test openrouter",
    "ccproxy provider test openrouter --all-keys --json",
    "ccproxy provider test lan --model qwen3-coder:30b",
  ],
  output: list(reportShape),
  run: (args, invocation) =>
    withStorage(args, invocation, async (storage) => {
      const { providers } = storage.config.current;
      const named = args.name === undefined ? undefined : findName("provider", args.name, providers);
      if (named === undefined && args.model !== undefined)
        throw new CliError(
          "conflicting-flags",
          "--model needs the provider's name",
          "ccproxy provider test <name> --model …",
        );
      const ids = Object.keys(providers).filter((id) =>
        named === undefined ? providers[id]?.enabled !== false : id === named,
      );
      if (ids.length === 0)
        throw new CliError(
          "not-found",
          "there is no provider in use",
          "'ccproxy provider add --help' shows how to add one",
        );
      const tester = createTester(storage);
      const reports: ProviderReport[] = [];
      try {
        for (const id of ids) {
          const provider = providers[id];
          if (!provider) continue;
          const keys = provider.keys ?? [];
          const chosen = args["all-keys"] ? keys : keys.slice(0, 1);
          // One after the other: together they might be too many for the provider.
          for (const [index, key] of chosen.length > 0 ? chosen.entries() : [[0, undefined] as const]) {
            const keyName = key === undefined ? id : `${id}#${index + 1}`;
            if (!args.json)
              invocation.io.stderr(`${id}${key === undefined ? "" : ` with ${maskKey(key)}`}: trying …\n`);
            const report = await tester.test({ id, provider, key, keyName, model: args.model });
            reports.push(report);
            if (!args.json) print(args, invocation, report, writeReport(report));
          }
        }
      } finally {
        await tester.close();
      }
      if (args.json) print(args, invocation, reports, []);
      const failed = reports.flatMap(({ keyName, outcome }) => (outcome === "fail" ? [keyName] : []));
      if (failed.length > 0)
        throw new CliError(
          "provider-failed",
          `not well: ${failed.join(", ")}`,
          "the first step that failed says what helps",
        );
    }),
});
