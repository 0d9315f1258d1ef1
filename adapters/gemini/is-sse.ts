import type { Call } from "../adapter.ts";

/** A stream is wanted as events; without that word it is the items of one JSON array. */
export const isSse = ({ query }: Call): boolean => query.get("alt")?.toLowerCase() === "sse";
