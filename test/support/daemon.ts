// Loaded with the first request otherwise, which under test takes seconds.
import "../../server/core.ts";
import { startServer } from "../../server/serve.ts";
import type { RunningServer, ServeOptions } from "../../server/serve-options.ts";
import { memoryStorage } from "../../storage/index.ts";
import type { Config, GroupConfig, Storage } from "../../storage/types.ts";
import type { RequestLogEntry } from "../../server/request-log.ts";

export interface TestDaemon extends RunningServer {
  storage: Storage;
  /** Entries of the request log, as they come. */
  log: RequestLogEntry[];
  /** Resolves with the next entry of the request log. */
  nextEntry: () => Promise<RequestLogEntry>;
  /** Whoever rests may be asked again. */
  wake: () => Promise<void>;
}

/** A daemon on a free port of 127.0.0.1, with its configuration in memory. */
export async function startDaemon(
  config: Partial<Config> = {},
  options: Partial<ServeOptions> = {},
): Promise<TestDaemon> {
  const storage = memoryStorage(config);
  const log: RequestLogEntry[] = [];
  const waiting: ((entry: RequestLogEntry) => void)[] = [];
  const onLog = (line: string): void => {
    const entry = JSON.parse(line) as RequestLogEntry;
    log.push(entry);
    for (const resolve of waiting.splice(0)) resolve(entry);
  };
  const server = await startServer({ storage, host: "127.0.0.1", port: 0, onLog, ...options });
  return {
    ...server,
    storage,
    log,
    nextEntry: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    wake: async () => {
      const authorization = `Bearer ${await storage.adminToken()}`;
      await fetch(`${server.url}/admin/cooldowns`, { method: "DELETE", headers: { authorization } });
    },
    close: async (graceMs = 100) => {
      await server.close(graceMs);
      await storage.close();
    },
  };
}

export const PROTOCOLS = ["openai", "openai-responses", "claude", "gemini", "ollama"] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];

/** One provider and one group per protocol, all on the same scripted provider: group `claude` reaches it by Claude's. */
export function perProtocol(baseUrl: string, group: Partial<GroupConfig> = {}): Partial<Config> {
  const providers: Config["providers"] = {};
  const groups: Config["groups"] = {};
  for (const protocol of PROTOCOLS) {
    providers[protocol] = { protocol, baseUrl, keys: ["sk-test"] };
    groups[protocol] = { models: { "*": `${protocol}/*` }, ...group };
  }
  return { providers, groups };
}
