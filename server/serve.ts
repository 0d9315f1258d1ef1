import { isLoopback } from "./is-loopback.ts";
import type { Core } from "./core.ts";
import { createDoor } from "./door.ts";
import { drain } from "./drain.ts";
import { isPublicBind } from "./guard.ts";
import { listen } from "./listen.ts";
import { createRequestLog } from "./request-log.ts";
import { createRunningRequests } from "./running.ts";
import type { RunningServer, ServeOptions } from "./serve-options.ts";

/**
 * Starts the daemon on exactly the address given. Throws an error with code `EADDRINUSE` that says who holds the
 * port, or `CONFIG_REFUSED` when it would listen to other machines without asking anyone for a key.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { storage, host, port, dangerouslyOpen = false, oneOf = 1, onLog = () => undefined } = options;
  const needsKey = !dangerouslyOpen && Object.keys(storage.config.current.keys).length === 0;
  if (needsKey && isPublicBind(host)) throw publicWithoutKey(host);
  if ((options.workers ?? 1) > 1) return (await import("./workers/start-workers.ts")).startWorkers(options);
  let accepting = true;
  const running = createRunningRequests();
  const startedAt = Date.now();
  let core: Promise<Core> | undefined;
  const door = createDoor({
    server: () => ({ ...storage.config.current.server, host }),
    log: options.parts?.log ?? createRequestLog(onLog),
    pid: options.parts?.pid ?? process.pid,
    async load() {
      const { createCore } = await import("./core.ts");
      core ??= createCore({ ...options, running, accepting: () => accepting, startedAt });
      return (await core).listener;
    },
  });
  const { maxConnections = MAX_CONNECTIONS } = storage.config.current.server;
  const server = await listen(door, { host, port, shared: oneOf > 1 }, options.comforts, {
    maxConnections: Math.ceil(maxConnections / oneOf),
    ...options.patience,
  });
  const address = server.address();
  // A name such as localhost may mean anything: what counts is where it led.
  if (needsKey && typeof address === "object" && address && !isLoopback(address.address)) {
    server.close();
    throw publicWithoutKey(address.address);
  }
  const bound = typeof address === "object" && address ? address.port : port;
  // Made before the command line looks for it.
  await storage.adminToken();

  return {
    url: `${options.comforts?.https ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    async close(graceMs = storage.config.current.server.drainMs ?? DRAIN_MS) {
      accepting = false;
      await drain(server, running, graceMs);
      await (await core)?.close();
    },
  };
}

const DRAIN_MS = 10_000;
const MAX_CONNECTIONS = 4000;

function publicWithoutKey(host: string): Error {
  const message =
    `refusing to listen on ${host}: other machines could use your provider keys, since no client key exists. ` +
    "Make one first with 'ccproxy key add <name>', or listen on 127.0.0.1 " +
    "(--dangerously-listen-without-key: listen all the same).";
  return Object.assign(new Error(message), { code: "CONFIG_REFUSED" });
}
