import { readFileSync, statSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { createSafeFile } from "./safe-file.ts";

/**
 * Which text of a configuration was found good when it was last looked at: the same text need not be checked again at
 * every start, which costs more than all the rest of reading it.
 */
export interface CheckedText {
  /** Default: whether it fits the schema, if nothing else. */
  is: (text: string, known?: Known) => boolean;
  remember: (text: string, known?: Known) => Promise<void>;
}

/** It fits the schema, and can be used; or there is not even anything to warn about. */
export type Known = "fits" | "faultless";

/** Keeps no text, only its hash, in a file of its own. Another build of this program, which may check more, starts anew. */
export function createCheckedText(file: string): CheckedText {
  const build = `${manifest.version} ${builtAt()}`;
  let kept: string | undefined;
  let last: { text: string; mark: string } | undefined;
  const load = (): string => (kept ??= readOrNothing(file));
  const toLine = (text: string, known: Known): string => {
    if (last?.text !== text) last = { text, mark: toMark(text) };
    return `${known} ${last.mark} ${build}`;
  };
  return {
    is: (text, known = "fits") =>
      load() === toLine(text, "faultless") || (known === "fits" && load() === toLine(text, "fits")),
    async remember(text, known = "fits") {
      const line = toLine(text, known);
      if (load() === line) return;
      kept = line;
      // Not to be had again, it costs a check.
      await createSafeFile(file)
        .write(line)
        .catch(() => undefined);
    },
  };
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Tells texts apart, and defends against nobody: who can write here can write the configuration. */
function toMark(text: string): string {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2_654_435_761);
    two = Math.imul(two ^ code, 1_597_334_677);
  }
  return [one, two, text.length].map((part) => (part >>> 0).toString(16)).join("-");
}

/** When the file with this code was made: versions are far between for those who work on it. */
function builtAt(): number {
  try {
    return statSync(new URL(import.meta.url)).mtimeMs;
  } catch {
    return 0;
  }
}
