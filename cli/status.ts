import { join } from "node:path";
import { readSecretFile } from "../storage/secret-file.ts";
import type { ConfigProblem } from "../storage/types.ts";
import { command } from "./command.ts";
import { ask, askHealth, findDaemon } from "./daemon.ts";
import { CliError, EXIT } from "./exit-code.ts";
import { findHome } from "./home.ts";
import { print, toTable } from "./print.ts";

interface Status {
  version: string;
  pid: number;
  uptimeMs: number;
  activeGroup: string;
  groups: { name: string; aliases: string[] }[];
  providers: { id: string; protocol: string; enabled?: boolean }[];
  configProblem?: ConfigProblem;
}

export default command({
  args: {},
  examples: ["ccproxy status", "ccproxy status --json"],
  async run(args, invocation) {
    const { io } = invocation;
    const home = findHome(io, args);
    const daemon = await findDaemon(home.pidFile);
    if (!daemon) {
      print(args, invocation, { running: false }, []);
      io.stderr("not running; 'ccproxy start' starts it\n");
      return EXIT.unreachable;
    }
    // The token goes to nobody but the process that the PID file names.
    if ((await askHealth(daemon.url))?.pid !== daemon.pid) {
      throw new CliError(EXIT.unreachable, `the daemon (pid ${daemon.pid}) does not answer on ${daemon.url}`);
    }
    const status = await askStatus(daemon.url, join(home.dir, "admin-token"));
    const data = { running: true, url: daemon.url, config: home.configFile, ...status };
    print(args, invocation, data, toLines(data));
    return EXIT.ok;
  },
});

async function askStatus(url: string, tokenFile: string): Promise<Status> {
  const token = readSecretFile(tokenFile);
  const response = await ask(
    url,
    "/status",
    token === undefined ? {} : { authorization: `Bearer ${token}` },
  ).catch(() => {
    throw new CliError(EXIT.unreachable, `the daemon does not answer on ${url}`);
  });
  if (response.status === 401 || response.status === 403) {
    throw new CliError(EXIT.unauthorised, `the daemon does not take the admin token in ${tokenFile}`);
  }
  if (!response.ok) throw new CliError(EXIT.failure, `the daemon answers /status with ${response.status}`);
  const given = (await response.json()) as Partial<Status>;
  return {
    version: "",
    pid: 0,
    uptimeMs: 0,
    activeGroup: "",
    ...given,
    groups: given.groups ?? [],
    providers: given.providers ?? [],
  };
}

function toLines(status: Status & { url: string; config: string }): string[] {
  const problem = status.configProblem;
  const head = [
    [
      "running",
      `${status.url} (pid ${status.pid}, version ${status.version}, for ${toSpan(status.uptimeMs)})`,
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
  ];
  const groups = status.groups.map(({ name, aliases }) => [`/${name}`, aliases.join(", ") || "no aliases"]);
  const width = Math.max(...head.map(([name = ""]) => name.length));
  return [
    ...head.map(([name = "", text = ""]) => `${name.padEnd(width)}  ${text}`),
    "",
    ...toTable(["GROUP", "ALIASES"], groups),
  ];
}

function toSpan(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
