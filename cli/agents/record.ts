import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createSafeFile } from "../../storage/safe-file.ts";
import { CliError } from "../exit-code.ts";
import type { SetField } from "../fields/apply-fields.ts";
import type { FormatName } from "../fields/load-format.ts";

/** What was set in one file. */
export interface FileRecord {
  path: string;
  format: FormatName;
  /** Made by us: it goes when nothing else is in it. */
  isOurs: boolean;
  /** Folders made for it, the outermost first. */
  folders: string[];
  fields: SetField[];
}

/** What was set for an agent, so that just that can be taken back. It holds old values, and so perhaps secrets: mode 0600. */
export interface AgentRecord {
  files: FileRecord[];
}

export interface RecordStore {
  read: (agent: string) => Promise<AgentRecord | undefined>;
  /** Without files: nothing is set any more. */
  write: (agent: string, record: AgentRecord) => Promise<void>;
}

export function createRecordStore(own: string): RecordStore {
  const fileOf = (agent: string): string => join(own, "agents", `${agent}.json`);
  return {
    async read(agent) {
      try {
        return JSON.parse(await readFile(fileOf(agent), "utf8")) as AgentRecord;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw new CliError(
          "bad-file",
          `${fileOf(agent)}: cannot be read: ${(error as Error).message}`,
          `mend it, or remove it and take the fields back by hand; copies are in ${join(own, "backups", agent)}`,
        );
      }
    },
    async write(agent, record) {
      if (record.files.length === 0) return rm(fileOf(agent), { force: true });
      await createSafeFile(fileOf(agent)).write(`${JSON.stringify(record, undefined, 2)}\n`);
    },
  };
}
