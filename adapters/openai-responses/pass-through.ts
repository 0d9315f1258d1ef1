import type { Call } from "../adapter.ts";
import { COMPACT } from "./compaction.ts";

/** Where a body of this protocol goes as it is. */
export function passThrough({ job, variant }: Call): { path: string; modelInBody: boolean } | undefined {
  if (job !== "chat") return undefined;
  if (variant === COMPACT) return { path: "/v1/responses/compact", modelInBody: true };
  return variant === "responses" ? { path: "/v1/responses", modelInBody: true } : undefined;
}
