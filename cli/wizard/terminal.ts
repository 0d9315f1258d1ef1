import type { Readable, Writable } from "node:stream";

/** Where the wizard's questions appear and are answered. */
export interface Terminal {
  input: Readable;
  output: Writable;
}
