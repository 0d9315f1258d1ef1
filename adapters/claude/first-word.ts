/** The first of the values that is text, else "". `String()` would throw for objects with a `toString` of their own. */
export const firstWord = (...values: unknown[]): string =>
  values.find((value): value is string => typeof value === "string") ?? "";
