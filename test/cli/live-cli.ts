import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeDaemon } from "../../cli/daemon.ts";
import type { Io } from "../../cli/io.ts";
import { startServer } from "../../server/serve.ts";
import { openStorage } from "../../storage/index.ts";
import type { Config } from "../../storage/types.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

export interface LiveCli extends TestCli {
  /** The daemon's request log. */
  log: string[];
  close: () => Promise<void>;
}

/** The command line beside a daemon that runs in this process, both in one home folder. */
export async function createLiveCli(config: Partial<Config>, overrides: Partial<Io> = {}): Promise<LiveCli> {
  const cli = createTestCli(overrides);
  mkdirSync(cli.home, { recursive: true });
  writeFileSync(join(cli.home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const storage = await openStorage(cli.home, { watch: false, env: cli.env });
  const log: string[] = [];
  const server = await startServer({
    storage,
    host: "127.0.0.1",
    port: 0,
    onLog: (line) => void log.push(line),
  });
  await writeDaemon(join(cli.home, "ccproxy.pid"), {
    url: server.url,
    version: "",
    startedAt: "",
    flags: [],
  });
  return Object.assign(cli, {
    log,
    close: async () => {
      await server.close(0);
      await storage.close();
      cli.remove();
    },
  });
}
