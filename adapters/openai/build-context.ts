import type { UnifiedRequest } from "../unified.ts";
import type { Quirks } from "./quirks.ts";

/** What every part of a request is written by. */
export interface BuildContext {
  request: UnifiedRequest;
  quirks: Quirks;
  /** The client's tool name → the provider's. */
  toWire: (name: string) => string;
  dropped: string[];
}
