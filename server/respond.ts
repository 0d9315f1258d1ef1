import type { ServerResponse } from "node:http";
import type { Call, ClientFace } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { ConfigRefused } from "../storage/config-refused.ts";
import { joinHeaders } from "./join-headers.ts";
import { sendBody } from "./send-body.ts";
import { logError } from "./log-error.ts";
import type { RequestLogEntry } from "./request-log.ts";

/** Where an error is to be told: the caller's protocol, its call, and the log entry of the request. */
export interface ErrorPlace {
  res: ServerResponse;
  face: ClientFace;
  call: Call;
  entry: RequestLogEntry;
  /** Headers beside the error's own. */
  head?: Record<string, string>;
}

/** The one place where errors become responses, in the caller's own protocol. */
export function respondError(thrown: unknown, { res, face, call, entry, head }: ErrorPlace): void {
  const error = toGatewayError(thrown);
  const { status, headers, body } = face.writeError(error, call);
  entry.status = error.kind === "cancelled" ? 499 : status;
  entry.error = logError(error);
  if (res.headersSent) res.destroy();
  else sendBody(res, status, joinHeaders(head, headers), body);
}

/** A fault of ours is told as one, without its details: they may hold anything. */
function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  // A route that changes aliases was given a name that cannot be one.
  if (thrown instanceof ConfigRefused) {
    const why = thrown.problems[0]?.message ?? "it would make the configuration unusable";
    return new GatewayError("invalid-request", `this cannot be configured: ${why}`, { cause: thrown });
  }
  const name = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
  return new GatewayError("internal", `ccproxy failed at this request (${name}); please report it`, {
    cause: thrown,
  });
}
