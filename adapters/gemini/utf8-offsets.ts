/** Places in a text: UTF-16 units, as we count, against bytes of UTF-8, as Gemini does. */
export interface Utf8Offsets {
  toBytes: (unit: number) => number;
  /** A byte in the middle of a character counts as the next one's beginning. */
  toUnits: (byte: number) => number;
}

/** Built once per text in linear time; text of ASCII alone needs nothing. */
export function createUtf8Offsets(text: string): Utf8Offsets {
  if (Buffer.byteLength(text) === text.length) {
    const clamp = (at: number): number => Math.min(Math.max(at, 0), text.length);
    return { toBytes: clamp, toUnits: clamp };
  }
  const bytes = countBytes(text);
  return {
    toBytes: (unit) => bytes[Math.min(Math.max(unit, 0), text.length)] ?? 0,
    toUnits(byte) {
      let low = 0;
      let high = text.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((bytes[middle] ?? 0) < byte) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** The bytes before every unit; the second half of a pair counts as its first. */
function countBytes(text: string): Uint32Array {
  const bytes = new Uint32Array(text.length + 1);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    bytes[at] = count;
    const code = text.codePointAt(at) ?? 0;
    if (code > 0xffff) bytes[++at] = count;
    count += code > 0xffff ? 4 : code > 0x7ff ? 3 : code > 0x7f ? 2 : 1;
  }
  bytes[text.length] = count;
  return bytes;
}
