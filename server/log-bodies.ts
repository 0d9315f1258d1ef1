import type { ServerResponse } from "node:http";
import type { Exchange } from "./exchange.ts";

/**
 * Puts a chat's bodies into its log entry where that is wanted: what was asked, and what the client was sent. Returns
 * whether it is.
 */
export function logBodies({ deps, entry, res }: Exchange, sent: string): boolean {
  const { logBodies = "off", logBodyBytes = 16_384 } = deps.config().server;
  if (logBodies === "off") return false;
  entry.requestBody = cut(Buffer.from(sent), logBodyBytes);
  const kept: Buffer[] = [];
  let size = 0;
  watch(res, (chunk) => {
    if (size > logBodyBytes) return;
    kept.push(chunk);
    size += chunk.length;
    entry.responseBody = cut(Buffer.concat(kept), logBodyBytes);
  });
  return true;
}

/** Calls back with everything that is written. */
function watch(res: ServerResponse, onChunk: (chunk: Buffer) => void): void {
  const { write, end } = res;
  const look = (chunk: unknown): void => {
    if (typeof chunk === "string") onChunk(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) onChunk(Buffer.from(chunk));
  };
  res.write = (...args: unknown[]) => {
    look(args[0]);
    return Reflect.apply(write, res, args) as boolean;
  };
  res.end = (...args: unknown[]) => {
    look(args[0]);
    return Reflect.apply(end, res, args) as ServerResponse;
  };
}

const cut = (body: Buffer, most: number): string =>
  body.length <= most ? body.toString("utf8") : `${body.subarray(0, most).toString("utf8")}…`;
