import { existsSync, statfsSync } from "node:fs";
import { userInfo } from "node:os";
import type { UpstreamOptions } from "../../server/upstream.ts";

/** What is asked of the machine: a test may have another one. */
export interface System {
  /** Without the v. */
  nodeVersion: string;
  platform: NodeJS.Platform;
  /** Milliseconds since 1970. */
  now: () => number;
  /** undefined: the system does not tell. */
  freeBytes: (folder: string) => number | undefined;
  /** Where systemd notes who may keep services running without being logged in. */
  lingerFolder: string;
  user: string;
  /** The program runs inside a container. */
  inContainer: boolean;
  lookup?: UpstreamOptions["lookup"];
}

export function readSystem(): System {
  return {
    nodeVersion: process.versions.node,
    platform: process.platform,
    now: Date.now,
    freeBytes(folder) {
      try {
        const { bavail, bsize } = statfsSync(folder);
        return bavail * bsize;
      } catch {
        return undefined;
      }
    },
    lingerFolder: "/var/lib/systemd/linger",
    user: userName(),
    inContainer: existsSync("/.dockerenv") || existsSync("/run/.containerenv"),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
