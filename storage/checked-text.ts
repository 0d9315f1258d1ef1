import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { configSchema } from "./config.schema.ts";
import { createSafeFile } from "./safe-file.ts";

/**
 * Which text of a configuration fitted the schema when it was last looked at: the same text need not be checked again
 * at every start, which costs more than all the rest of reading it.
 */
export interface CheckedText {
  is: (text: string) => Promise<boolean>;
  remember: (text: string) => Promise<void>;
}

/** Keeps no text, only its hash, in a file of its own. Another schema, as of another version, starts anew. */
export function createCheckedText(file: string): CheckedText {
  let known: Promise<string> | undefined;
  const load = (): Promise<string> => (known ??= readFile(file, "utf8").catch(() => ""));
  return {
    is: async (text) => (await load()) === toMark(text),
    async remember(text) {
      const mark = toMark(text);
      if ((await load()) === mark) return;
      known = Promise.resolve(mark);
      // Not to be had again, it costs a check.
      await createSafeFile(file)
        .write(mark)
        .catch(() => undefined);
    },
  };
}

const toMark = (text: string): string =>
  createHash("sha256").update(JSON.stringify(configSchema)).update("\n").update(text).digest("hex");
