import { createLineSplitter } from "./lines.ts";

export interface NdjsonParser {
  push: (text: string) => string[];
  /** Something came, and no line is open. */
  isBetween: () => boolean;
  end: () => string[];
}

/** The non-empty lines of newline-delimited JSON, cut anywhere; a last line without its end counts. */
export function createNdjsonParser(): NdjsonParser {
  const lines = createLineSplitter();
  const filled = (all: string[]): string[] => all.filter((line) => line.trim() !== "");
  return {
    push: (text) => filled(lines.push(text)),
    isBetween: lines.isBetween,
    end: () => filled(lines.end()),
  };
}

export const writeNdjson = (value: unknown): string => `${JSON.stringify(value)}\n`;
