import type * as counter from "../estimate-tokens.ts";

/** The one counter of tokens. */
export type TokenCounter = typeof counter;

let loading: Promise<TokenCounter> | undefined;

/** Loaded while the daemon starts, beside all else: a chat does not wait for it. */
export const loadTokenCounter = (): Promise<TokenCounter> => (loading ??= import("../estimate-tokens.ts"));
