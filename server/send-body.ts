import type { ServerResponse } from "node:http";
import { joinHeaders } from "./join-headers.ts";
import { atTurnEnd } from "./turn.ts";

/** A whole response in one write, with its length. */
export function sendBody(
  res: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  if (res.destroyed || res.headersSent) return;
  res.writeHead(status, joinHeaders(headers, { "content-length": String(Buffer.byteLength(body)) }));
  atTurnEnd(() => void (res.destroyed || res.end(body)));
}
