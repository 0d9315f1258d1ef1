import type { Io } from "./io.ts";

/**
 * Text as a terminal may have it. Names, messages and log lines come from files, models and providers, and a terminal
 * obeys control characters: those are written as JSON escapes, which data in JSON may hold as well.
 */
export const printable = (text: string): string =>
  text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** An Io that prints nothing but printable text. */
export function withPrintable(io: Io): Io {
  const safe: Partial<Io> = {
    stdout: (text) => io.stdout(printable(text)),
    stderr: (text) => io.stderr(printable(text)),
    alarm: (line) =>
      io.stderr(io.isTerminal ? `\u001b[1;31m${printable(line)}\u001b[0m\n` : `${printable(line)}\n`),
  };
  return new Proxy(io, {
    get: (target, name) => Reflect.get(safe, name) ?? (Reflect.get(target, name) as unknown),
  });
}

/** C0 but line feed and tab, DEL, C1, and what turns the direction of text around. */
// oxlint-disable-next-line no-control-regex -- these are what it is about
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
