import { createHash, timingSafeEqual } from "node:crypto";
import { maskUrl } from "../storage/mask-url.ts";
import type { Deps } from "./deps.ts";
import { listLimited } from "./limits/list-limited.ts";
import type { Histogram } from "./usage/histogram.ts";

/** What `ccproxy status` shows. No keys, no prompts. */
export function readStatus(deps: Deps): Record<string, unknown> {
  deps.flushLog();
  const config = deps.config();
  const problem = deps.storage.config.problem;
  return {
    version: deps.version,
    pid: deps.pid,
    ...(deps.workers && { workers: deps.workers() }),
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
      baseUrl: maskUrl(provider.baseUrl),
      keys: provider.keys?.length ?? 0,
      // Names alone: a literal is never missing.
      missingKeys: (provider.keys ?? []).filter((key) => deps.storage.resolveKey(key) === undefined),
      enabled: provider.enabled !== false,
    })),
    cooling: deps.health.resting(),
    limited: listLimited(deps.allowances, config),
    targets: deps.timings.all().map(({ target, requests, errors, failures, first, total }) => ({
      target,
      requests,
      errors,
      failures,
      firstMs: toQuantiles(first),
      totalMs: toQuantiles(total),
    })),
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

/** Milliseconds; null where nothing was measured. */
const toQuantiles = (histogram: Histogram): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(QUANTILES).map(([name, share]) => {
      const ms = histogram.quantile(share);
      return [name, ms === undefined ? null : Math.round(ms)];
    }),
  );

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
