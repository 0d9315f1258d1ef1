import type { ArgsDef } from "citty";
import { isAlive } from "../storage/process-start.ts";
import { findDaemon, readDaemon, removeDaemon, type Daemon } from "./daemon.ts";
import { CliError } from "./exit-code.ts";
import type { Home } from "./home.ts";
import { toNumber } from "./to-value.ts";

export const stopArgs = {
  timeout: {
    type: "string",
    valueHint: "seconds",
    description: "How long running answers may take to finish; default 15.",
  },
  force: { type: "boolean", description: "End it even if it does not end by itself in that time." },
} satisfies ArgsDef;

/** Ends the daemon and waits until it is gone; undefined when none runs. */
export async function stopDaemon(
  home: Home,
  flags: { timeout?: string; force?: boolean },
): Promise<Daemon | undefined> {
  const waitMs = flags.timeout === undefined ? 15_000 : toNumber("timeout", flags.timeout) * 1000;
  const daemon = await findDaemon(home.pidFile);
  if (!daemon) {
    // A crash left its file: whoever has that number now is someone else.
    const left = await readDaemon(home.pidFile);
    if (left) await removeDaemon(home.pidFile, left.pid);
    return undefined;
  }
  process.kill(daemon.pid, "SIGTERM");
  if (!(await isGone(daemon.pid, waitMs))) {
    if (!flags.force) {
      throw new CliError(
        "daemon-busy",
        `the daemon (pid ${daemon.pid}) is still finishing answers`,
        "--force ends it, --timeout waits longer",
      );
    }
    process.kill(daemon.pid, "SIGKILL");
    await isGone(daemon.pid, 5000);
  }
  await removeDaemon(home.pidFile, daemon.pid);
  return daemon;
}

async function isGone(pid: number, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return true;
}
