import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Explained, ExplainQuery } from "../../server/explain.ts";
import { suggest } from "../../storage/suggest.ts";
import { askAdmin } from "../ask-admin.ts";
import { command, type CommonArgs, type Invocation } from "../command.ts";
import { findDaemon } from "../daemon.ts";
import { describeMs } from "../describe-ms.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { findHome, withStorage } from "../home.ts";
import { print, toTable } from "../print.ts";
import { list, number, oneOf, orNull, record, table, anything, text, yesNo } from "../shape.ts";
import { toNumber } from "../to-value.ts";

export default command({
  args: {
    model: {
      type: "positional",
      required: false,
      description: "The model a client asks for; with --body, the one in there if none is given.",
    },
    group: { type: "string", valueHint: "name", description: "The group; default: default." },
    tokens: { type: "string", valueHint: "number", description: "How large the request is." },
    tools: { type: "boolean", description: "It offers tools." },
    images: { type: "boolean", description: "It holds images." },
    thinking: { type: "boolean", description: "It asks for thinking." },
    body: {
      type: "string",
      valueHint: "file",
      description: "A request as a client sends it; - for standard input.",
    },
    protocol: {
      type: "enum",
      options: ["openai", "openai-responses", "claude", "gemini", "ollama"],
      description: "What the body is written in; default: as it looks.",
    },
    key: {
      type: "string",
      valueHint: "name",
      description: "A client key, by id or name: whether it may ask this.",
    },
  },
  examples: [
    "ccproxy group explain claude-sonnet-4-5",
    "ccproxy group explain claude-sonnet-4-5 --group qwen --tokens 90000 --tools",
    "ccproxy group explain small --json",
  ],
  output: record(
    {
      live: yesNo,
      group: text,
      model: text,
      rules: list(record({ name: text, holds: yesNo, use: text })),
      alias: text,
      strategy: text,
      candidates: list(record({ target: text, key: text, protocol: text, tools: text })),
      skipped: list(record({ target: text, reason: text, remainingMs: orNull(number) }, { key: text })),
      request: table(anything),
      missingKeys: list(record({ key: text, reference: text })),
    },
    { rule: text, scope: record({ key: text, allowed: oneOf(true, false) }, { reason: text }) },
  ),
  async run(args, invocation) {
    const body = args.body === undefined ? undefined : await readBody(args.body, invocation);
    if (args.model === undefined && body === undefined)
      throw new CliError(
        "missing-argument",
        "<model> is missing",
        "name a model, or give a --body that does",
      );
    const query: ExplainQuery = {
      ...(args.model !== undefined && { model: args.model }),
      ...(args.group !== undefined && { group: args.group }),
      ...(args.tokens !== undefined && { tokens: toNumber("tokens", args.tokens) }),
      ...(args.tools !== undefined && { tools: args.tools }),
      ...(args.images !== undefined && { images: args.images }),
      ...(args.thinking !== undefined && { thinking: args.thinking }),
      ...(body !== undefined && { body }),
      ...(args.protocol !== undefined && { protocol: args.protocol }),
      ...(args.key !== undefined && { key: args.key }),
    };
    const { live, explained } = await explain(query, args, invocation);
    print(args, invocation, { live, ...explained }, toLines(explained));
    if (!live) invocation.io.stderr("the daemon does not run: this is what it would do once it is started\n");
  },
});

/** By the running daemon, which knows who rests; else by what it would start with. */
async function explain(
  query: ExplainQuery,
  args: CommonArgs,
  invocation: Invocation,
): Promise<{ live: boolean; explained: Explained }> {
  const home = findHome(invocation.io, args);
  const daemon = await findDaemon(home.pidFile);
  return withStorage(args, invocation, async (storage) => {
    const { groups } = storage.config.current;
    const isNamed = query.group !== undefined && !["default", "switch"].includes(query.group.toLowerCase());
    if (isNamed) findName("group", query.group ?? "", groups);
    try {
      if (daemon) {
        const tokenFile = join(home.dir, "admin-token");
        const question = { path: "/admin/explain", method: "POST", body: query, tokenFile };
        return { live: true, explained: (await askAdmin(daemon, question)) as Explained };
      }
      const { explainOffline } = await import("../../server/explain-offline.ts");
      return { live: false, explained: await explainOffline(storage, query) };
    } catch (error) {
      throw withHint(error, query, Object.keys(groups[query.group ?? "default"]?.models ?? {}));
    }
  });
}

/** A name nobody knows: what was probably meant. */
function withHint(error: unknown, { model = "" }: ExplainQuery, aliases: string[]): unknown {
  const { kind, code, message } = error as { kind?: string; code?: string; message: string };
  if (kind === "invalid-request")
    return new CliError("bad-value", message, "see 'ccproxy group explain --help'");
  if (kind !== "not-found" && kind !== "unavailable" && code !== "not-found") return error;
  const meant = suggest(model, aliases);
  return new CliError(
    "not-found",
    message,
    meant === undefined ? "'ccproxy model list' shows what there is" : `did you mean "${meant}"?`,
  );
}

async function readBody(file: string, { io }: Invocation): Promise<unknown> {
  const text = file === "-" ? await io.readStdin() : await readFile(file, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CliError(
      "bad-file",
      `--body: ${file === "-" ? "standard input" : file} is no JSON`,
      "give a request's body",
    );
  }
}

function toLines(explained: Explained): string[] {
  const { group, model, alias, rule, rules, strategy, candidates, skipped, scope, request } = explained;
  const traits = [
    `${request.tokens} tokens`,
    ...(["tools", "images", "thinking"] as const).filter((name) => request[name]),
  ];
  const head = [
    ["asked", `${group}@${model} (${traits.join(", ")})`],
    ...rules.map(({ name, holds, use }) => [
      "rule",
      `${name}: ${holds ? `holds, use ${use}` : "does not hold"}`,
    ]),
    ["alias", `${alias}${rule === undefined ? "" : `, by rule ${rule}`}`],
    ["strategy", strategy],
    ...(scope
      ? [["key", `${scope.key} ${scope.allowed ? "may ask this" : `may not: ${scope.reason ?? ""}`}`]]
      : []),
  ];
  const lost = explained.missingKeys.map(({ key, reference }) => `${key} (${reference})`);
  if (lost.length > 0) head.push(["no key", `${lost.join(", ")} leads to nothing where the daemon runs`]);
  const asked = candidates.map(({ target, key, protocol, tools }, index) => [
    String(index + 1),
    target,
    key,
    protocol,
    tools,
  ]);
  const passed = skipped.map(({ target, key = "", reason, remainingMs }) => [
    target,
    key,
    WORDS[reason] ?? reason,
    remainingMs === null ? "" : describeMs(remainingMs),
  ]);
  return [
    ...head.map(([name = "", words = ""]) => `${name.padEnd(8)}  ${words}`),
    "",
    ...(asked.length === 0
      ? ["nobody can be asked"]
      : toTable(["ASKED", "TARGET", "KEY", "PROTOCOL", "TOOLS"], asked)),
    ...(passed.length === 0 ? [] : ["", ...toTable(["SKIPPED", "KEY", "WHY", "FOR"], passed)]),
  ];
}

const WORDS: Record<string, string> = {
  "rate-limit": "its provider limits the rate",
  quota: "its quota is used up",
  refused: "its key was refused",
  failures: "it failed several times in a row",
  busy: "its provider is overloaded",
  limit: "its own limits are reached",
  "provider-off": "the provider is switched off",
  "target-off": "the target is switched off",
  "key-off": "the provider key is set aside",
  "no-provider": "there is no such provider",
};
