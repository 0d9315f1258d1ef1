import { createTester } from "../../../server/provider-test/create-tester.ts";
import type { ProviderReport } from "../../../server/provider-test/step.ts";
import { command } from "../../command.ts";
import { CliError } from "../../exit-code.ts";
import { withStorage } from "../../home.ts";
import { print } from "../../print.ts";
import { list, number, oneOf, record, text } from "../../shape.ts";
import { findProviderKey, listProviderKeys, openProvider } from "./find-provider-key.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: { type: "positional", required: false, description: "Which key: #2, env:NAME; default: all." },
    model: { type: "string", valueHint: "name", description: "The model to ask; default: one that is used." },
  },
  examples: [
    "ccproxy provider key test openrouter",
    "ccproxy provider key test openrouter env:OPENROUTER_KEY_2",
  ],
  output: list(
    record({ key: text, outcome: oneOf("ok", "warn", "fail"), message: text, ms: number }, { fix: text }),
  ),
  run: (args, invocation) =>
    withStorage(args, invocation, async (storage) => {
      const { id, provider } = openProvider(storage.config.current, args.provider);
      const keys =
        args.key === undefined ? listProviderKeys(id, provider) : [findProviderKey(id, provider, args.key)];
      if (keys.length === 0)
        throw new CliError(
          "not-found",
          `${id} has no keys`,
          `'ccproxy provider test ${id}' tries it without one`,
        );
      const tester = createTester(storage);
      try {
        const results = [];
        for (const { key, shown } of keys) {
          const report = await tester.test({ id, provider, key, model: args.model, scope: "key" });
          const result = { key: shown, ...summarize(report), ms: report.ms };
          results.push(result);
          const fix = "fix" in result && result.fix ? [`      fix: ${result.fix}`] : [];
          if (!args.json)
            print(args, invocation, result, [
              `${result.outcome.padEnd(4)}  ${shown}: ${result.message} (${result.ms} ms)`,
              ...fix,
            ]);
        }
        if (args.json) print(args, invocation, results, []);
        const failed = results.flatMap(({ key, outcome }) => (outcome === "fail" ? [key] : []));
        if (failed.length > 0)
          throw new CliError(
            "provider-failed",
            `${id} does not answer by ${failed.join(", ")}`,
            `what stands behind 'fix:' helps; 'ccproxy provider test ${id} --all-keys' shows each step`,
          );
      } finally {
        await tester.close();
      }
    }),
});

/** What of a test is about the key: the first thing that is not well, else that it is taken. */
function summarize({ steps }: ProviderReport): {
  outcome: "ok" | "warn" | "fail";
  message: string;
  fix?: string;
} {
  const step =
    steps.find(({ outcome }) => outcome === "fail" || outcome === "warn") ??
    steps.find(({ id }) => id === "auth");
  if (!step || step.outcome === "skip") return { outcome: "warn", message: "not known" };
  const { outcome, message, fix } = step;
  return { outcome, message, ...(fix !== undefined && { fix }) };
}
