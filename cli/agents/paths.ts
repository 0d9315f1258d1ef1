import { posix, win32 } from "node:path";
import type { Place } from "./agent.ts";

/** Joins as the place's system does. */
export const joinAt = ({ platform }: Pick<Place, "platform">, ...parts: string[]): string =>
  (platform === "win32" ? win32 : posix).join(...parts);

/** The folder that a variable names, else one in the user's home. */
export function folderOf(place: Place, variable: string, ...inHome: string[]): string {
  const named = place.env[variable];
  return named === undefined || named === "" ? joinAt(place, place.home, ...inHome) : named;
}

/** Where programs keep settings: $XDG_CONFIG_HOME, on Windows %APPDATA%, on macOS what the program says. */
export function configFolder(place: Place, onMac: readonly string[] = [".config"]): string {
  if (place.platform === "win32") return folderOf(place, "APPDATA", "AppData", "Roaming");
  if (place.platform === "darwin") return joinAt(place, place.home, ...onMac);
  return folderOf(place, "XDG_CONFIG_HOME", ".config");
}
