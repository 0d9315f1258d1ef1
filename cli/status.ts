import { join } from "node:path";
import type { ConfigProblem } from "../storage/types.ts";
import { askAdmin } from "./ask-admin.ts";
import { command } from "./command.ts";
import { clearRests } from "./clear-rests.ts";
import { findDaemon, type Daemon } from "./daemon.ts";
import { describeMs } from "./describe-ms.ts";
import { CliError, EXIT } from "./exit-code.ts";
import { findHome } from "./home.ts";
import { print, toTable } from "./print.ts";
import { list, number, record, text, yesNo } from "./shape.ts";

interface Status {
  version: string;
  pid: number;
  uptimeMs: number;
  /** Absent where the daemon itself answers. */
  workers?: { pid: number; requests: number }[];
  activeGroup: string;
  groups: { name: string; aliases: string[] }[];
  providers: { id: string; protocol: string; enabled?: boolean }[];
  cooling: { name: string; reason: string; remainingMs: number }[];
  limited: { name: string; limit: string; remainingMs: number }[];
  targets: TargetStatus[];
  configProblem?: ConfigProblem;
}

interface TargetStatus {
  target: string;
  requests: number;
  errors: number;
  failures: number;
  /** Milliseconds; null: not measured. */
  firstMs: Record<"p50" | "p95" | "p99", number | null>;
  totalMs: Record<"p50" | "p95" | "p99", number | null>;
}

export default command({
  args: {
    name: {
      type: "positional",
      required: false,
      description: "With --clear: a provider, key or target that may be asked again at once; else all.",
    },
    clear: { type: "boolean", description: "Let those who rest be asked again." },
  },
  examples: [
    "ccproxy status",
    "ccproxy status --json",
    "ccproxy status --clear",
    "ccproxy status --clear openrouter#2",
  ],
  output: {
    anyOf: [
      record({ running: yesNo }, { url: text, config: text, version: text, pid: number, activeGroup: text }),
      record({ cleared: list(text) }),
    ],
  },
  async run(args, invocation) {
    const { io } = invocation;
    if (args.name !== undefined && !args.clear)
      throw new CliError("unexpected-argument", `unexpected "${args.name}"`, "give --clear with it");
    const home = findHome(io, args);
    const daemon = await findDaemon(home.pidFile);
    if (!daemon) {
      print(args, invocation, { running: false }, []);
      throw new CliError("daemon-unreachable", "the daemon does not run", "'ccproxy start' starts it");
    }
    const tokenFile = join(home.dir, "admin-token");
    if (args.clear) {
      const cleared = await clearRests(daemon, tokenFile, args.name);
      print(args, invocation, { cleared }, cleared);
      if (cleared.length > 0) return EXIT.ok;
      if (args.name !== undefined)
        throw new CliError(
          "not-found",
          `nobody of the name "${args.name}" rests`,
          "'ccproxy status' shows who does",
        );
      io.stderr("nobody rests\n");
      return EXIT.ok;
    }
    const status = await askStatus(daemon, tokenFile);
    const data = { running: true, url: daemon.url, config: home.configFile, ...status };
    print(args, invocation, data, toLines(data));
    return EXIT.ok;
  },
});

async function askStatus(daemon: Daemon, tokenFile: string): Promise<Status> {
  const given = (await askAdmin(daemon, { path: "/status", tokenFile })) as Partial<Status>;
  return {
    version: "",
    pid: 0,
    uptimeMs: 0,
    activeGroup: "",
    ...given,
    groups: given.groups ?? [],
    providers: given.providers ?? [],
    cooling: given.cooling ?? [],
    limited: given.limited ?? [],
    targets: given.targets ?? [],
  };
}

function toLines(status: Status & { url: string; config: string }): string[] {
  const problem = status.configProblem;
  const head = [
    [
      "running",
      `${status.url} (pid ${status.pid}, version ${status.version}, for ${describeMs(status.uptimeMs)})`,
    ],
    ["config", status.config],
    ...(problem ? [["problem", `${problem.message}${problem.line ? ` (line ${problem.line})` : ""}`]] : []),
    [
      "providers",
      status.providers
        .map(({ id, protocol, enabled }) => `${id} (${protocol}${enabled === false ? ", off" : ""})`)
        .join(", ") || "none",
    ],
    ["active", status.activeGroup],
    ...(status.workers
      ? [["processes", status.workers.map(({ pid, requests }) => `${pid} (${requests} requests)`).join(", ")]]
      : []),
  ];
  const groups = status.groups.map(({ name, aliases }) => [`/${name}`, aliases.join(", ") || "no aliases"]);
  const rows = status.targets.map(({ target, requests, errors, failures, firstMs, totalMs }) => [
    target,
    ...[requests, errors, failures].map(String),
    toTimes(firstMs),
    toTimes(totalMs),
  ]);
  const width = Math.max(...head.map(([name = ""]) => name.length));
  return [
    ...head.map(([name = "", text = ""]) => `${name.padEnd(width)}  ${text}`),
    "",
    ...toTable(["GROUP", "ALIASES"], groups),
    ...section(
      ["RESTS", "WHY", "FOR"],
      status.cooling.map(({ name, reason, remainingMs }) => [name, reason, describeMs(remainingMs)]),
    ),
    ...section(
      ["LIMITED", "BY", "FOR"],
      status.limited.map(({ name, limit, remainingMs }) => [name, limit, describeMs(remainingMs)]),
    ),
    ...section(["TARGET", "REQUESTS", "ERRORS", "FAILED", "FIRST P50/P95/P99", "WHOLE P50/P95/P99"], rows),
  ];
}

/** A table with a line before it; nothing at all without rows. */
const section = (header: string[], rows: string[][]): string[] =>
  rows.length === 0 ? [] : ["", ...toTable(header, rows)];

const toTimes = ({ p50, p95, p99 }: Record<"p50" | "p95" | "p99", number | null>): string =>
  p50 === null ? "" : [p50, p95, p99].map((ms) => ((ms ?? 0) / 1000).toFixed(2)).join("/") + " s";
