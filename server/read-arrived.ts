import type { IncomingMessage } from "node:http";

/**
 * The body of a request that has come with its head, as most do: all of it in one go, without listening for more.
 * Undefined where more is to come, or something is to be done about it: then nothing was taken.
 */
export function readArrived(req: IncomingMessage, maxBytes: number): Buffer | undefined {
  if (!req.complete || req.destroyed || req.readableLength > maxBytes) return undefined;
  if (req.headers["content-encoding"] !== undefined) return undefined;
  return (req.read() as Buffer | null) ?? Buffer.alloc(0);
}
