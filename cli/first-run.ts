import { existsSync } from "node:fs";
import { findHome } from "./home.ts";
import type { Io } from "./io.ts";

/** What `ccproxy` alone means: the wizard while nothing is configured and somebody is there, else help. */
export function isFirstRun(flags: readonly string[], io: Io): boolean {
  const has = (...names: string[]): boolean => names.some((name) => flags.includes(name));
  if (has("--no-input") || existsSync(findHome(io).configFile)) return false;
  return has("--yes", "-y") || (io.terminal !== undefined && !has("--json") && !io.env["CI"]);
}
