/** A number from bytes, in digits and letters, filled up to `length`. */
export function toBase62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
  let text = "";
  while (value > 0n) {
    text = `${ALPHABET[Number(value % 62n)]}${text}`;
    value /= 62n;
  }
  return text.padStart(length, "0");
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
