import type { Command } from "./command.ts";

/** A command, or a family of them, as the list of all has it. */
export interface Entry {
  summary: string;
  /** Loads the command's own file: nothing else of the program. */
  load?: () => Promise<{ default: Command }>;
  children?: Record<string, Entry>;
  /** Not shown in help: another name, or for programs. */
  hidden?: true;
}
