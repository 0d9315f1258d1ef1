import { createHash } from "node:crypto";
import { toSafeId } from "../tool-ids.ts";
import type { Quirks } from "./quirks.ts";

/** A call's id as the provider takes it; the same in call and result. */
export function toWireId(id: string, { callIds }: Quirks): string {
  if (callIds === "nine") {
    return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 9);
  }
  // 40 is OpenAI's older limit; Kimi's own ids have dots and colons and must stay as they are.
  return toSafeId(id, { allowed: /^[a-zA-Z0-9_.:-]+$/, maxLength: 40 });
}
