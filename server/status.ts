import { createHash, timingSafeEqual } from "node:crypto";
import type { Deps } from "./deps.ts";

/** What `ccproxy status` shows. No keys, no prompts. */
export function readStatus(deps: Deps): Record<string, unknown> {
  const config = deps.config();
  const problem = deps.storage.config.problem;
  return {
    version: deps.version,
    pid: process.pid,
    uptimeMs: deps.now() - deps.startedAt,
    activeGroup: config.activeGroup,
    groups: Object.entries(config.groups).map(([name, group]) => ({
      name,
      aliases: Object.keys(group.models),
      tools: group.tools ?? "auto",
    })),
    providers: Object.entries(config.providers).map(([id, provider]) => ({
      id,
      protocol: provider.protocol,
      baseUrl: withoutUserInfo(provider.baseUrl),
      keys: provider.keys?.length ?? 0,
      enabled: provider.enabled !== false,
    })),
    cooling: deps.cooldowns.entries(),
    clientKeys: Object.keys(config.keys).length,
    ...(problem && { configProblem: problem }),
  };
}

/** Whether an Authorization header carries the admin token. Constant time. */
export async function isAdmin(deps: Deps, authorization: string | null): Promise<boolean> {
  const given = /^bearer\s+(.+)$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(digest(given.trim()), digest(await deps.storage.adminToken()));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const withoutUserInfo = (url: string): string => url.replace(/\/\/[^/@]*@/, "//");
