/** An integer too large for a double, kept as it was written; `writeJson` writes it back unchanged. */
export class LargeInteger {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** JSON text of a value read by `parseJson`. */
export function writeJson(value: unknown): string {
  if (value instanceof LargeInteger) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** Sets a key as an own one, `__proto__` too, so that the check that refuses it can see it. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

export function toNumber(text: string): number | LargeInteger {
  const number = Number(text);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : new LargeInteger(text);
}
