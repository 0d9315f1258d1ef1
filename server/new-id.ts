import { randomBytes } from "node:crypto";

/** 24 random letters and digits: no modulo bias worth speaking of, no dashes that an id could not hold. */
export function newId(): string {
  // One call to the source of randomness for many ids: it costs more than all the rest.
  if (at + 24 > letters.length) {
    letters = randomBytes(24 * 128);
    // By index: `entries` would make a list for each letter.
    for (let index = 0; index < letters.length; index++)
      letters[index] = ALPHABET.charCodeAt((letters[index] as number) % ALPHABET.length);
    at = 0;
  }
  return letters.toString("latin1", at, (at += 24));
}

let letters = Buffer.alloc(0);
let at = 0;

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
