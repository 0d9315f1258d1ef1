/** Google's JSON has 64-bit integers as text, and its servers read every number that way too. */
export const readNumber = (value: unknown): unknown =>
  typeof value === "string" && /^-?\d{1,20}(?:\.\d{1,20})?$/.test(value.trim()) ? Number(value) : value;
