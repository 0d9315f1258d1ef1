import type { Server } from "node:http";
import { GatewayError } from "../adapters/errors.ts";
import type { RunningRequests } from "./running.ts";

/**
 * Closes a server: nobody new is let in, what runs may finish for `graceMs`, the rest is ended with an error of its own
 * protocol, and what does not end by that is cut.
 */
export function drain(server: Server, running: RunningRequests, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = setTimeout(() => {
      const error = new GatewayError("unavailable", "ccproxy is shutting down", {
        code: "shutting_down",
        retryAfterMs: 1000,
      });
      for (const { stop } of running.all()) stop(error);
    }, graceMs);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs + CUT_MS);
    // A connection that is done with its answer is kept by its client for the next one.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearTimeout(end);
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** For errors to reach their clients. */
const CUT_MS = 1000;
const SWEEP_MS = 50;
