import { findAddress } from "../address.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit-code.ts";
import { findHome } from "../home.ts";
import { print, toTable } from "../print.ts";
import { list, oneOf, record, text } from "../shape.ts";
import { CHECKS } from "./checks/index.ts";
import { gatherFacts } from "./facts.ts";
import { repair, runChecks, type CheckResult } from "./run-checks.ts";
import { readSystem } from "./system.ts";

export default command({
  args: {
    fix: {
      type: "boolean",
      description: "First mend what can be mended without harm: modes, locks, leftovers.",
    },
    offline: { type: "boolean", description: "Leave out what asks the providers (a few tokens each)." },
    list: {
      type: "boolean",
      description: "List the checks instead: id, what it looks at, what usually helps.",
    },
  },
  examples: [
    "ccproxy doctor",
    "ccproxy doctor --fix",
    "ccproxy doctor --offline --json",
    "ccproxy doctor --list",
  ],
  output: {
    anyOf: [
      record({
        checks: list(
          record({ id: text, outcome: oneOf("ok", "warn", "fail"), message: text, fix: text, docs: text }),
        ),
        mended: list(text),
      }),
      list(record({ id: text, title: text, fix: text })),
    ],
  },
  async run(args, invocation) {
    if (args.list) {
      const listed = CHECKS.map(({ id, title, fix }) => ({ id, title, fix }));
      print(
        args,
        invocation,
        listed,
        toTable(
          ["CHECK", "WHAT", "WHAT HELPS"],
          listed.map(({ id, title, fix }) => [id, title, fix]),
        ),
      );
      return EXIT.ok;
    }
    const { io } = invocation;
    const options = {
      home: findHome(io, args),
      env: io.env,
      system: io.system ?? readSystem(),
      toAddress: (config: Parameters<typeof findAddress>[2]) => findAddress({}, io, config),
    };
    const mended = args.fix ? await repair(gatherFacts(options)) : [];
    // Anew: what was mended is no longer found.
    const results = await runChecks(gatherFacts(options), { offline: args.offline === true });
    for (const line of args.json ? [] : mended) io.stderr(`mended: ${line}\n`);
    print(args, invocation, { checks: results, mended }, toLines(results));
    const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
    const [failures, warnings] = [count("fail"), count("warn")];
    io.stderr(`${results.length - failures - warnings} ok, ${warnings} to look at, ${failures} wrong\n`);
    if (failures === 0) return EXIT.ok;
    const names = results.flatMap(({ id, outcome: found }) => (found === "fail" ? [id] : []));
    throw new CliError(
      "checks-failed",
      `something is wrong: ${[...new Set(names)].join(", ")}`,
      "what stands behind 'fix:' helps; 'ccproxy doctor --fix' mends what harms nothing",
    );
  },
});

function toLines(results: readonly CheckResult[]): string[] {
  const width = Math.max(...results.map(({ id }) => id.length));
  return results.flatMap(({ id, outcome, message, fix }) => [
    `${outcome.padEnd(4)}  ${id.padEnd(width)}  ${message}`,
    ...(outcome === "ok" ? [] : [`${" ".repeat(width + 8)}fix: ${fix}`]),
  ]);
}
