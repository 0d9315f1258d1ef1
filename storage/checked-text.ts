import { readFileSync } from "node:fs";
import { configSchema } from "./config.schema.ts";
import { createSafeFile } from "./safe-file.ts";

/**
 * Which text of a configuration fitted the schema when it was last looked at: the same text need not be checked again
 * at every start, which costs more than all the rest of reading it.
 */
export interface CheckedText {
  is: (text: string) => boolean;
  remember: (text: string) => Promise<void>;
}

/**
 * Keeps no text, only its hash, in a file of its own, with the schema it fitted: another one, as of another version,
 * starts anew.
 */
export function createCheckedText(file: string): CheckedText {
  let known: string | undefined;
  let last = { text: "", mark: "" };
  const markOf = (text: string): string => {
    if (last.text !== text || last.mark === "") last = { text, mark: toMark(text) };
    return last.mark;
  };
  const load = (): string => (known ??= readOrNothing(file));
  return {
    is: (text) => load() === markOf(text),
    async remember(text) {
      const mark = markOf(text);
      if (load() === mark) return;
      known = mark;
      // Not to be had again, it costs a check.
      await createSafeFile(file)
        .write(mark)
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

/**
 * Tells texts apart, and defends against nobody: who can write here can write the configuration. The schema is not
 * hashed: it is longer than most configurations, and this runs before anything is compiled.
 */
function toMark(text: string): string {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2_654_435_761);
    two = Math.imul(two ^ code, 1_597_334_677);
  }
  const hash = [one, two, text.length].map((part) => (part >>> 0).toString(16)).join("-");
  return `${hash}\n${JSON.stringify(configSchema)}`;
}
