import type { GatewayError } from "../adapters/errors.ts";
import { createBag, type Bag, type Held } from "./bag.ts";

/** A request under way. */
export interface Running extends Held {
  /** Id of the client key it runs on; undefined: none was needed. */
  keyId: string | undefined;
  /** Ends it with this error, told in its own protocol. */
  stop: (error: GatewayError) => void;
}

/** The requests under way, so that they can be ended from outside. */
export type RunningRequests = Bag<Running>;

export const createRunningRequests = (): RunningRequests => createBag();
