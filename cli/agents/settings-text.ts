import { readFile, stat } from "node:fs/promises";
import { FieldProblem } from "../fields/format.ts";

/** A settings file as it is. */
export interface SettingsText {
  /** What stands before the text proper: a byte order mark, or nothing. */
  mark: string;
  text: string;
  exists: boolean;
  mode: number;
  uid?: number;
  gid?: number;
}

/** Reads a settings file; none is an empty one. Throws `FieldProblem` for what is no UTF-8: it would not survive. */
export async function readSettings(path: string): Promise<SettingsText> {
  try {
    const bytes = await readFile(path);
    const { mode, uid, gid } = await stat(path);
    const whole = decode(bytes);
    const mark = whole.startsWith(MARK) ? MARK : "";
    return { mark, text: whole.slice(mark.length), exists: true, mode: mode & 0o7777, uid, gid };
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    // It will hold a key.
    return { mark: "", text: "", exists: false, mode: 0o600 };
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FieldProblem("expected UTF-8");
  }
}

const MARK = "\uFEFF";
