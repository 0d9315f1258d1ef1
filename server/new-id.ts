import { randomBytes } from "node:crypto";

/** 24 random letters and digits: no modulo bias worth speaking of, no dashes that an id could not hold. */
export function newId(): string {
  // One call to the source of randomness for many ids: it costs more than all the rest.
  if (at + 24 > random.length) {
    random = randomBytes(24 * 128);
    at = 0;
  }
  let id = "";
  for (const end = at + 24; at < end; at++) id += ALPHABET[(random[at] as number) % ALPHABET.length];
  return id;
}

let random = Buffer.alloc(0);
let at = 0;

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
