import { GatewayError } from "../../adapters/errors.ts";

export interface Shedder {
  /** Throws `unavailable` for one too many. */
  enter: (most?: number) => void;
  /** One that entered is over. */
  leave: () => void;
}

/** Counts the requests that run: one too many is refused at once and before anything of its body is read. */
export function createShedder(): Shedder {
  let running = 0;
  return {
    enter(most = MOST) {
      if (running >= most) {
        const message = `ccproxy is busy with ${running} requests, the limit of server.maxConcurrent`;
        throw new GatewayError("unavailable", message, { retryAfterMs: 1000, code: "server_overloaded" });
      }
      running++;
    },
    leave() {
      running--;
    },
  };
}

const MOST = 2000;
