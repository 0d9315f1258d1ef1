import type * as counter from "../estimate-tokens.ts";

/** The one counter of tokens. */
export type TokenCounter = typeof counter;

let loading: Promise<TokenCounter> | undefined;
let loaded: TokenCounter | undefined;

/** Loaded while the daemon starts, beside all else: a chat does not wait for it. */
export function loadTokenCounter(): TokenCounter | Promise<TokenCounter> {
  return loaded ?? (loading ??= import("../estimate-tokens.ts").then((counter) => (loaded = counter)));
}
