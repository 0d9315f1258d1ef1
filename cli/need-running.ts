import { findDaemon, type Daemon } from "./daemon.ts";
import { CliError } from "./exit-code.ts";
import type { Home } from "./home.ts";

/** The running daemon, and a failure where none runs. */
export async function needRunning({ pidFile }: Home): Promise<Daemon> {
  const daemon = await findDaemon(pidFile);
  if (daemon) return daemon;
  throw new CliError("daemon-unreachable", "the daemon does not run", "'ccproxy start' starts it");
}
