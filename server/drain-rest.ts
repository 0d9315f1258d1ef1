import type { IncomingMessage } from "node:http";

/**
 * What a client still sends after it was answered is read and thrown away for a moment, so that it gets to see the
 * answer, then cut: it must neither be taken for another request nor hold the connection.
 */
export function drainRest(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  req.removeAllListeners("data");
  req.resume();
  const cut = setTimeout(() => req.socket.destroy(), DRAIN_MS);
  cut.unref();
  req.once("end", () => clearTimeout(cut));
  req.once("close", () => clearTimeout(cut));
}

const DRAIN_MS = 2000;
