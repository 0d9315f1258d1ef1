import type * as Crypto from "node:crypto";

/** Node's `crypto`, loaded when something of it is needed: a tenth of what a start costs, which needs none of it. */
export const crypto = (): typeof Crypto => process.getBuiltinModule("node:crypto");
