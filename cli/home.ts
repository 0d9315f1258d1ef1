import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Storage } from "../storage/types.ts";
import type { CommonArgs, Invocation } from "./command.ts";
import type { Io } from "./io.ts";

export interface Home {
  dir: string;
  configFile: string;
  pidFile: string;
  logFile: string;
}

/** Where everything is kept: $CCPROXY_HOME, else ~/.ccproxy. Never the current folder. */
export function findHome(io: Io, args: CommonArgs = {}): Home {
  const userHome = io.env["HOME"] || io.env["USERPROFILE"] || homedir();
  const expand = (path: string): string =>
    path.startsWith("~/") ? join(userHome, path.slice(2)) : resolve(path);
  const dir = expand(io.env["CCPROXY_HOME"] || join(userHome, ".ccproxy"));
  const configFile = args.config ?? (io.env["CCPROXY_CONFIG"] || undefined);
  return {
    dir,
    configFile: configFile === undefined ? join(dir, "config.json") : expand(configFile),
    pidFile: join(dir, "ccproxy.pid"),
    logFile: join(dir, "ccproxy.log"),
  };
}

/** Runs `action` with the storage open; says on stderr what is wrong with the configuration. */
export async function withStorage<T>(
  args: CommonArgs,
  { io }: Invocation,
  action: (storage: Storage) => Promise<T>,
): Promise<T> {
  const { openStorage } = await import("../storage/index.ts");
  const home = findHome(io, args);
  const storage = await openStorage(home.dir, { configFile: home.configFile, watch: false, env: io.env });
  try {
    const { problem, file } = storage.config;
    if (problem)
      io.stderr(`warning: ${file}: ${problem.message}${problem.line ? ` (line ${problem.line})` : ""}\n`);
    return await action(storage);
  } finally {
    await storage.close();
  }
}
