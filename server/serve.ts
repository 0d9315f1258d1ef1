import { randomBytes } from "node:crypto";
import { adapters } from "../adapters/index.ts";
import { createCooldowns } from "../routing/cooldown.ts";
import { createRouter, type Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import { createCallSignatures } from "./call-signatures.ts";
import { createCounters, withCounters } from "./counters.ts";
import { withDemo } from "./demo-config.ts";
import type { Deps } from "./deps.ts";
import { isPublicBind } from "./guard.ts";
import { createLearnedLimits } from "./learned-limits.ts";
import { listen, type Comforts } from "./listen.ts";
import { createListener } from "./listener.ts";
import { createModelFeatures } from "./model-features.ts";
import { createRequestLog } from "./request-log.ts";
import { createStoredResponses, type StoredResponses } from "./stored-responses.ts";
import { createUpstream } from "./upstream.ts";
import { VERSION } from "./version.ts";

export interface ServeOptions {
  storage: Storage;
  host: string;
  port: number;
  /** Takes the lines of the request log. */
  onLog?: (line: string) => void;
  comforts?: Comforts;
}

export interface RunningServer {
  /** `http://127.0.0.1:11434` */
  url: string;
  /** Stops accepting, lets running answers finish for at most `graceMs`, then cuts them. Default 5 s. */
  close: (graceMs?: number) => Promise<void>;
}

/**
 * Starts the daemon on exactly the address given. Throws an error with code `EADDRINUSE` that says who holds the
 * port, or `CONFIG_REFUSED` when it would listen to other machines without asking anyone for a key.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { storage, host, port } = options;
  if (isPublicBind(host) && Object.keys(storage.config.current.keys).length === 0)
    throw publicWithoutKey(host);
  const upstream = createUpstream();
  let accepting = true;
  const deps = createDeps(options, upstream, () => accepting);
  const server = await listen(createListener(deps), { host, port }, options.comforts);
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  deps.limits.load().catch(() => undefined);
  // Made before the command line looks for it.
  await storage.adminToken();

  return {
    url: `${options.comforts?.https ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    async close(graceMs = 5000) {
      accepting = false;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
      await deps.stored.settle();
      await upstream.close();
    },
  };
}

function createDeps(options: ServeOptions, upstream: Deps["upstream"], accepting: () => boolean): Deps {
  const { storage } = options;
  const now = (): number => Date.now();
  const counters = createCounters();
  const cooldowns = createCooldowns(now);
  let seen: Config | undefined;
  let config: Config;
  let router: Router;
  // The store replaces its configuration, never changes it: identity tells whether anything is to be made anew.
  const refresh = (): void => {
    if (seen === storage.config.current) return;
    seen = storage.config.current;
    config = withDemo(seen);
    router = createRouter(config, cooldowns);
  };
  return {
    version: VERSION,
    storage,
    config: () => {
      refresh();
      return config;
    },
    router: () => {
      refresh();
      return router;
    },
    adapters,
    upstream,
    cooldowns,
    limits: createLearnedLimits(storage.state),
    features: createModelFeatures({ adapters, upstream, storage, now }),
    callSignatures: createCallSignatures(),
    stored: keepResponses(storage, now),
    counters,
    log: withCounters(counters, createRequestLog(options.onLog ?? (() => undefined))),
    newId,
    now,
    startedAt: now(),
    accepting,
  };
}

/** Where answers are kept that clients may refer to later: as configured when the daemon starts. */
function keepResponses(storage: Storage, now: () => number): StoredResponses {
  const place = storage.config.current.server.keepResponses ?? "memory";
  if (place === "disk") return createStoredResponses(storage.state, now);
  return createStoredResponses(
    storage.memory,
    now,
    place === "off" ? { maxBytes: 0 } : { maxTotal: 32 * 1024 * 1024 },
  );
}

function publicWithoutKey(host: string): Error {
  const message =
    `refusing to listen on ${host}: other machines could use your provider keys, since no client key exists. ` +
    "Make one first with 'ccproxy key add <name>', or listen on 127.0.0.1.";
  return Object.assign(new Error(message), { code: "CONFIG_REFUSED" });
}

/** 24 random letters and digits: no modulo bias worth speaking of, no dashes that an id could not hold. */
function newId(): string {
  // One call to the source of randomness for many ids: it costs more than all the rest.
  if (at + 24 > random.length) {
    random = randomBytes(24 * 128);
    at = 0;
  }
  let id = "";
  for (const end = at + 24; at < end; at++) id += ALPHABET[(random[at] as number) % ALPHABET.length];
  return id;
}

let random = Buffer.alloc(0);
let at = 0;

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
