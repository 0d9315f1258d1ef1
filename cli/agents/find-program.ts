import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where on the PATH a program is; undefined: nowhere. */
export function findProgram(
  name: string,
  env: Record<string, string | undefined>,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const isWindows = platform === "win32";
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(isWindows ? ";" : ":").filter(Boolean);
  const endings = isWindows ? (env["PATHEXT"] ?? ".COM;.EXE;.BAT;.CMD").split(";") : [""];
  for (const folder of folders)
    for (const ending of endings)
      if (isProgram(join(folder, name + ending))) return join(folder, name + ending);
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
