/** What is remembered under a key, as its file says it. */
export interface Entry {
  key: string;
  value: unknown;
  expiresAt?: number;
}

/** undefined: the file is broken. */
export function parseEntry(text: string): Entry | undefined {
  try {
    const entry = JSON.parse(text) as Entry | null;
    return typeof entry?.key === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}
