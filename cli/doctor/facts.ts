import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTester } from "../../server/provider-test/create-tester.ts";
import type { ProviderReport } from "../../server/provider-test/step.ts";
import { findPortHolder, type PortHolder } from "../../server/port-holder.ts";
import { memoryStorage } from "../../storage/index.ts";
import { withDefaults } from "../../storage/config-defaults.ts";
import { readConfig, type ReadConfig } from "../../storage/read-config.ts";
import { resolveKey } from "../../storage/resolve-key.ts";
import type { Config, Storage } from "../../storage/types.ts";
import { askAdmin } from "../ask-admin.ts";
import { findDaemon, readDaemon, type Daemon } from "../daemon.ts";
import type { Home } from "../home.ts";
import type { System } from "./system.ts";

/** What the daemon says of itself, as far as checks need it. */
export interface DaemonStatus {
  version?: string;
  providers?: { id: string; missingKeys?: string[] }[];
  cooling?: { name: string; reason: string; remainingMs: number }[];
  limited?: { name: string; limit: string; remainingMs: number }[];
}

/** What the checks look at; each is found out once, when the first of them asks. */
export interface Facts {
  home: Home;
  env: Record<string, string | undefined>;
  system: System;
  /** Where the daemon listens, or would. */
  address: () => Promise<{ host: string; port: number }>;
  /** undefined: there is no file. */
  read: () => Promise<ReadConfig | undefined>;
  /** Defaults where the file cannot be used. */
  config: () => Promise<Config>;
  resolve: (key: string) => string | undefined;
  /** What the PID file says, whether or not it still holds. */
  recorded: () => Promise<Daemon | undefined>;
  daemon: () => Promise<Daemon | undefined>;
  status: () => Promise<DaemonStatus | undefined>;
  holder: () => Promise<PortHolder | undefined>;
  /** Every enabled provider, by the first of its keys that has a value. */
  reports: () => Promise<ProviderReport[]>;
}

export interface FactsOptions {
  home: Home;
  env: Facts["env"];
  system: System;
  toAddress: (config: Config) => { host: string; port: number };
}

export function gatherFacts({ home, env, system, toAddress }: FactsOptions): Facts {
  const read = once(async () => {
    const text = await readFile(home.configFile, "utf8").catch(() => undefined);
    return text === undefined ? undefined : readConfig(text);
  });
  const config = once(async () => (await read())?.config ?? withDefaults({}));
  const resolve: Facts["resolve"] = (key) => resolveKey(key, { env, dir: home.dir });
  const daemon = once(() => findDaemon(home.pidFile));
  const address = once(async () => toAddress(await config()));
  return {
    home,
    env,
    system,
    read,
    config,
    resolve,
    address,
    recorded: once(() => readDaemon(home.pidFile)),
    daemon,
    status: once(async () => {
      const running = await daemon();
      if (!running) return undefined;
      const asked = askAdmin(running, { path: "/status", tokenFile: join(home.dir, "admin-token") });
      return asked.then(
        (status) => status as DaemonStatus,
        () => undefined,
      );
    }),
    holder: once(async () => {
      const { host, port } = await address();
      return findPortHolder(host, port);
    }),
    reports: once(async () => testAll(await config(), { resolve, system })),
  };
}

async function testAll(
  config: Config,
  { resolve, system }: { resolve: Facts["resolve"]; system: System },
): Promise<ProviderReport[]> {
  const storage: Storage = { ...memoryStorage(config), resolveKey: resolve };
  const tester = createTester(storage, { lookup: system.lookup });
  try {
    const used = Object.entries(config.providers).filter(([, { enabled }]) => enabled !== false);
    return await Promise.all(
      used.map(([id, provider]) => {
        const keys = provider.keys ?? [];
        const index = Math.max(
          0,
          keys.findIndex((key) => resolve(key) !== undefined),
        );
        const key = keys[index];
        return tester.test({ id, provider, key, keyName: key === undefined ? id : `${id}#${index + 1}` });
      }),
    );
  } finally {
    await tester.close();
  }
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => (found ??= find());
}
