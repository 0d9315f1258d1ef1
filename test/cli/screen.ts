import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";

export interface Screen {
  input: PassThrough;
  output: Writable;
  /** What a person sees, without the empty lines at the end. */
  text: () => string;
  /** Resolves once the screen shows it. */
  shows: (words: string) => Promise<string>;
  type: (keys: string) => void;
}

/** A terminal of 100 columns and 45 rows, as a person sees it: what is written is drawn, not looked at. */
export function createScreen(): Screen {
  const [cols, rows] = [100, 45];
  const terminal = new xterm.Terminal({ cols, rows, convertEol: true, allowProposedApi: true });
  const waiting = new Set<() => void>();
  const text = (): string => {
    const { active } = terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true) ?? "",
    );
    return lines.join("\n").trimEnd();
  };
  const output = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string | Uint8Array, _encoding, done) {
        terminal.write(chunk, () => {
          done();
          for (const look of waiting) look();
        });
      },
    }),
    { columns: cols, rows, isTTY: true },
  );
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  return {
    input,
    output,
    text,
    shows: (words) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text().includes(words)) return;
          waiting.delete(look);
          resolve(text());
        };
        waiting.add(look);
        look();
      }),
    type: (keys) => void input.write(keys),
  };
}

export const KEYS = { enter: "\r", down: "\u001B[B", space: " ", interrupt: "\u0003" };

/** A screen without what differs from run to run. */
export const toSteady = (screen: string, home: string): string =>
  `${screen
    .replaceAll(home, "HOME/.ccproxy")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/Port \d+ is/g, "Port PORT is")
    .replace(/takes \d+\./g, "takes PORT.")
    .replace(/\d+ ms/g, "N ms")
    .replace(/^ccproxy \d\S*/, "ccproxy VERSION")
    .trimEnd()}\n`;
