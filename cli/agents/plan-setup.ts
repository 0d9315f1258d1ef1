import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { applyFields } from "../fields/apply-fields.ts";
import { FieldProblem, type Path } from "../fields/format.ts";
import { loadFormat } from "../fields/load-format.ts";
import { revertFields } from "../fields/revert-fields.ts";
import type { Settings } from "./agent.ts";
import type { AgentRecord, FileRecord } from "./record.ts";
import { readSettings, type SettingsText } from "./settings-text.ts";

/** What becomes of one file. */
export interface Change {
  path: string;
  was: SettingsText;
  /** undefined: no file. */
  text: string | undefined;
  record: FileRecord;
  set: Path[];
  back: Path[];
  /** Given another value since; they stay. */
  left: Path[];
}

/** What has to be changed so that the settings hold; with what was set before taken back first. */
export function planSetup(wanted: readonly Settings[], record: AgentRecord | undefined): Promise<Change[]> {
  return Promise.all(
    wanted.map(async ({ paths, format: formatName, fields }) => {
      const path = paths.find((one) => existsSync(one)) ?? paths[0] ?? "";
      const known = record?.files.find((file) => file.path === path);
      const was = await readSettings(path);
      const format = await loadFormat(formatName);
      const next = inFile(path, () => {
        const isSame = isDeepStrictEqual(
          known?.fields.map((field) => field.path),
          fields.filter(({ ifAbsent }) => !ifAbsent).map((field) => field.path),
        );
        if (known && isSame && applyFields(format, was.text, fields).text === was.text)
          return { text: was.text, set: known.fields };
        const { text } = known ? revertFields(format, was.text, known.fields) : was;
        return applyFields(format, text, fields);
      });
      const file: FileRecord = {
        path,
        format: formatName,
        isOurs: known?.isOurs ?? !was.exists,
        folders: known?.folders ?? [],
        fields: next.set,
      };
      const set = next.text === was.text ? [] : next.set.map((field) => field.path);
      return { path, was, text: next.text, record: file, set, back: [], left: [] };
    }),
  );
}

/** What has to be changed so that everything set is gone. */
export function planRestore(record: AgentRecord): Promise<Change[]> {
  return Promise.all(
    record.files.map(async (file) => {
      const was = await readSettings(file.path);
      const format = await loadFormat(file.format);
      const { text, left, back } = inFile(file.path, () => revertFields(format, was.text, file.fields));
      const isGone = !was.exists || (file.isOurs && text.trim() === "");
      const next = isGone ? undefined : text;
      return { path: file.path, was, text: next, record: { ...file, fields: [] }, set: [], back, left };
    }),
  );
}

/** Problems with the file they are about. */
function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    throw new FieldProblem(`${path}: ${error.message}; nothing was changed`);
  }
}
