import type { ServerResponse } from "node:http";
import { GatewayError } from "../../adapters/errors.ts";

/**
 * Counts the requests that run. Throws `unavailable` for one too many, at once and before anything of its body is read,
 * so that those who run are not slowed down.
 */
export function createShedder(): (res: ServerResponse, most?: number) => void {
  let running = 0;
  return (res, most = MOST) => {
    if (running >= most) {
      const message = `ccproxy is busy with ${running} requests, the limit of server.maxConcurrent`;
      throw new GatewayError("unavailable", message, { retryAfterMs: 1000, code: "server_overloaded" });
    }
    running++;
    res.on("close", () => running--);
  };
}

const MOST = 2000;
