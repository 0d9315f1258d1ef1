import { crypto } from "./crypto.ts";

/** A key as a file name: readable for simple keys, safe and without twins on every file system for all others. */
export const toEntryName = (key: string): string =>
  `${toReadable(key)}~${crypto().createHash("sha256").update(key).digest("hex").slice(0, 24)}`;

export const toReadable = (key: string): string =>
  key
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "_")
    .slice(0, 60);
