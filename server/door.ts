import type { Headers } from "../adapters/adapter.ts";
import { sendBody } from "./send-body.ts";
import { answerHealth, isHealth } from "./answer-health.ts";
import { guard } from "./guard.ts";
import type { Listener } from "./listener.ts";
import type { RequestLog } from "./request-log.ts";
import type { ServerConfig } from "../storage/types.ts";

export interface DoorOptions {
  server: () => ServerConfig;
  log: RequestLog;
  /** The process that users know. */
  pid: number;
  /** Loads what answers requests. */
  load: () => Promise<Listener>;
}

/**
 * Stands before the listener until the first request needs it, so that the daemon starts with next to nothing loaded.
 * Whether it lives it says by itself.
 */
export function createDoor({ server, log, pid, load }: DoorOptions): Listener {
  let inner: Listener | undefined;
  let loading: Promise<Listener> | undefined;
  return (req, res) => {
    if (inner) return inner(req, res);
    const { method = "GET", url = "/" } = req;
    const began = Date.now();
    if (
      isHealth(method, url) &&
      guard({ method, url, headers: req.headers as Headers }, server()).kind === "pass"
    ) {
      answerHealth(res, pid);
      return log({
        time: new Date(began).toISOString(),
        method,
        path: url,
        status: 200,
        ms: Date.now() - began,
      });
    }
    loading ??= load();
    loading.then(
      (listener) => {
        inner = listener;
        // Nobody would hear the answer, nor would anything say that it is over.
        if (!res.destroyed) listener(req, res);
      },
      (error: Error) => {
        loading = undefined;
        sendBody(res, 500, {}, `ccproxy could not be loaded: ${error.message}\n`);
      },
    );
  };
}
