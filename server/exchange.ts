import type { IncomingMessage, ServerResponse } from "node:http";
import type { Adapter, Call, ClientFace } from "../adapters/adapter.ts";
import type { Principal } from "./auth.ts";
import type { Deps } from "./deps.ts";
import type { RequestLogEntry } from "./request-log.ts";
import type { StopSignal } from "./stop-signal.ts";
import type { Meter } from "./usage/meter.ts";

/** One request on its way through the house. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  deps: Deps;
  adapter: Adapter;
  face: ClientFace;
  call: Call;
  /** The group of the path (or the active or default one). */
  group: string;
  /** The path asks for emulated tools. */
  compat: boolean;
  principal: Principal;
  /** What the head of the answer says beside the protocol's own: the response's, where it is told in one piece. */
  head: Record<string, string>;
  /** Filled on the way, written when the request is over. */
  entry: RequestLogEntry;
  /** Counts its tokens. */
  meter: Meter;
  /** Aborted when the client goes away. */
  signal: StopSignal;
}
