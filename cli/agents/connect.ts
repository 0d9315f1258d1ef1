import type { Config, Storage } from "../../storage/types.ts";
import { suggest } from "../../storage/suggest.ts";
import { findAddress } from "../address.ts";
import type { CommonArgs, Invocation } from "../command.ts";
import { askHealth, findDaemon, reachable } from "../daemon.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { findHome, withStorage } from "../home.ts";
import type { Agent, Connection } from "./agent.ts";
import { askModels, type Models } from "./ask-models.ts";
import { findKey } from "./find-key.ts";

export interface Asked extends CommonArgs {
  group?: string;
  model?: string;
  compat?: boolean;
  key?: string;
  "new-key"?: boolean;
}

/** How an agent reaches the daemon and what it is to ask for. `start`: start the daemon if need be. `mayMake`: a key. */
export function connect(
  asked: Asked,
  invocation: Invocation,
  { agent, start = false, mayMake = true }: { agent: Agent; start?: boolean; mayMake?: boolean },
): Promise<Connection & { isRunning: boolean }> {
  return withStorage(asked, invocation, async (storage) => {
    const config = storage.config.current;
    const prefix = toPrefix(asked, config);
    const { key, isKeyReal } = await findKey(asked, invocation, { agent, storage, mayMake });
    const running = await findRunning(asked, invocation, config);
    const origin = running ?? (start ? await startOne(asked, invocation) : toUrl(invocation, config));
    const base = reachable(origin) + prefix;
    const models = running === undefined && !start ? fromConfig(asked, storage) : await askModels(base, key);
    return {
      base,
      key,
      isKeyReal,
      models: models.names,
      isRunning: running !== undefined || start,
      ...(await choose(asked, invocation, { agent, models })),
    };
  });
}

/** Where the daemon is, or would be. */
export const toOrigin = async (args: CommonArgs, invocation: Invocation, config: Config): Promise<string> =>
  (await findRunning(args, invocation, config)) ?? toUrl(invocation, config);

/** Group and mode as a path. */
export function toPrefix({ group, compat }: Pick<Asked, "group" | "compat">, { groups }: Config): string {
  const isOwn = group === "switch" || group?.toLowerCase() === "default";
  const name = group === undefined || isOwn ? group : findName("group", group, groups);
  return `${name === undefined ? "" : `/${name}`}${compat ? "/compat_mode" : ""}`;
}

/** The daemon of the PID file, else whoever of ours answers where one would be. */
async function findRunning(
  args: CommonArgs,
  { io }: Invocation,
  config: Config,
): Promise<string | undefined> {
  const daemon = await findDaemon(findHome(io, args).pidFile);
  if (daemon) return daemon.url;
  const url = toUrl({ io }, config);
  return (await askHealth(url)) ? url : undefined;
}

async function startOne(args: CommonArgs, invocation: Invocation): Promise<string> {
  const { startDaemon } = await import("../start-daemon.ts");
  await startDaemon({ config: args.config }, invocation);
  const daemon = await findDaemon(findHome(invocation.io, args).pidFile);
  if (daemon) return daemon.url;
  throw new CliError("daemon-failed", "the daemon ended at once", "'ccproxy logs' shows what it said");
}

function toUrl({ io }: Pick<Invocation, "io">, config: Config): string {
  const { host, port } = findAddress({}, io, config);
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What can be told of a group's models without a daemon: the aliases that are names. */
function fromConfig({ group }: Asked, { config }: Storage): Models {
  const { groups, activeGroup } = config.current;
  const name =
    group === undefined ? "default" : group === "switch" ? activeGroup : findName("group", group, groups);
  const names = Object.keys(groups[name]?.models ?? {}).filter((alias) => !/[*?]/.test(alias));
  return { names, has: async (model) => names.includes(model) };
}

/**
 * The model, if the agent has to be told one: as asked, else none where the group serves what the agent asks for by
 * itself, else the first that the group lists.
 */
async function choose(
  { model: asked, group }: Asked,
  { io }: Invocation,
  { agent, models }: { agent: Agent; models: Models },
): Promise<Pick<Connection, "model" | "small">> {
  const { ownModel, ownSmall } = agent;
  const where = `group "${group ?? "default"}"`;
  if (asked !== undefined && models.names.length > 0 && !(await models.has(asked))) {
    const meant = suggest(asked, [...models.names]);
    const listed = models.names.slice(0, 8).join(", ");
    throw new CliError(
      "not-found",
      `${where} serves no model "${asked}"`,
      meant === undefined ? `it lists ${listed}` : `did you mean "${meant}"?`,
    );
  }
  if (asked === undefined && ownModel !== undefined && (await models.has(ownModel))) return {};
  const model = asked ?? models.names.find((name) => !/embed/i.test(name));
  if (model === undefined) {
    if (ownModel !== undefined) return {};
    throw new CliError(
      "not-possible",
      `${where} lists no model that ${agent.name} could be told`,
      "name one with --model, or add one: ccproxy model add <alias> <target>",
    );
  }
  if (asked === undefined)
    io.stderr(
      `model: ${model}${models.names.length > 1 ? ` (of ${models.names.length}; --model takes another)` : ""}\n`,
    );
  const small = ownSmall !== undefined && (await models.has(ownSmall)) ? ownSmall : model;
  return { model, small };
}
