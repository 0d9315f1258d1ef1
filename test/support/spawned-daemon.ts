import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../storage/types.ts";

export interface SpawnedDaemon {
  url: string;
  pid: number;
  home: string;
  /** Everything it has said so far: talk, and the lines of the request log. */
  said: () => string;
  /** The request log so far. */
  log: () => Record<string, unknown>[];
  signal: (name: NodeJS.Signals) => void;
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
  /** Ends it, however it is, and removes its folder. */
  remove: () => Promise<void>;
}

/** A daemon in a process of its own, as users run it. `program`: from `buildCli`. */
export async function spawnDaemon(
  program: string,
  config: Partial<Config>,
  flags: string[] = [],
): Promise<SpawnedDaemon> {
  const home = mkdtempSync(join(tmpdir(), "ccproxy-spawned-"));
  writeFileSync(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const child = spawn(process.execPath, [program, "serve", "--port", "0", ...flags], {
    env: { PATH: process.env.PATH, CCPROXY_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8");
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (text: string) => {
      said += text;
      const found = /listens on (http\S+)\n/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then((code) => reject(new Error(`the daemon ended with ${code}: ${said}`)));
  });
  return {
    url: await url,
    pid: child.pid ?? 0,
    home,
    said: () => said,
    log: () =>
      said
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    signal: (name) => void child.kill(name),
    ended,
    async remove() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "close");
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}
