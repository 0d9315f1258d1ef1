import type { Adapter } from "lowdb";
import type { FileContent, SafeFile } from "./safe-file.ts";

/** The configuration file's text as it was last seen, for lowdb. */
export interface ConfigText extends FileContent {
  /** On write: only if the file is still at `stamp`. */
  text: string;
}

/** Thrown by lowdb's `write` when someone else saved the file since it was read. */
export class FileChanged extends Error {
  override name = "FileChanged";
}

/** A lowdb adapter over a safe file: whole at every moment, mode 0600, symlink kept, on disk when done. */
export function createConfigAdapter(file: SafeFile): Adapter<ConfigText> {
  return {
    async read() {
      const { text, stamp } = await file.read();
      return text === null ? null : { text, stamp };
    },
    async write({ text, stamp }) {
      if (!(await file.write(text, stamp)))
        throw new FileChanged(`${file.path} was changed at the same moment`);
    },
  };
}
