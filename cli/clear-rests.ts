import { askAdmin } from "./ask-admin.ts";
import type { Daemon } from "./daemon.ts";

/** Lets those who rest in the running daemon be asked again: all, or all that a name stands for. Returns who did rest. */
export async function clearRests(daemon: Daemon, tokenFile: string, name?: string): Promise<string[]> {
  const query = name === undefined ? "" : `?key=${encodeURIComponent(name)}`;
  const given = await askAdmin(daemon, { path: `/admin/cooldowns${query}`, method: "DELETE", tokenFile });
  return (given as { cleared?: string[] }).cleared ?? [];
}
