import type { Field } from "../fields/apply-fields.ts";
import type { FormatName } from "../fields/load-format.ts";

/** Where an agent is looked for, so that paths can be told of every system on any. */
export interface Place {
  platform: NodeJS.Platform;
  /** The user's home folder. */
  home: string;
  /** The folder everything of ccproxy's lives in. */
  own: string;
  env: Record<string, string | undefined>;
}

/** How the daemon is reached, and what is asked for. */
export interface Connection {
  /** Address with group and mode, without a slash at its end. */
  base: string;
  key: string;
  /** The daemon has client keys, so that `key` is one of them and not just any word. */
  isKeyReal: boolean;
  /** Absent: the names the agent asks for by itself. */
  model?: string;
  /** For small jobs, where the agent has them. */
  small?: string;
  /** All that the group lists. */
  models: readonly string[];
}

/** null: must not be set. */
export type Variables = Record<string, string | null>;

/** Fields within one file of settings. */
export interface Settings {
  /** The first one that exists is it; if none does, the first is made. */
  paths: readonly string[];
  format: FormatName;
  fields: Field[];
}

export interface Launch {
  /** Words before the user's own. */
  args: string[];
  variables: Variables;
  /** Files made for this run in a folder of its own; those with `base` begin as a copy of the user's. */
  files: LaunchFile[];
  /**
   * A folder of its own that it is shown with the files in it, if they differ from the user's: `name` within the run's
   * folder, which `variable` then names.
   */
  overlay?: { folder: string; name: string; variable: string };
}

export interface LaunchFile {
  name: string;
  format: FormatName;
  fields: Field[];
  base?: string;
}

export interface Agent {
  id: string;
  name: string;
  /** Other names it is called by on the command line. */
  also?: readonly string[];
  /** The program that runs it; none: it lives inside another one. */
  command?: string;
  install: string;
  /** A model it asks for if nobody tells it one; absent: it has to be told one. */
  ownModel?: string;
  /** The same for its small jobs. */
  ownSmall?: string;
  /** What it reads from the environment; absent: nothing that would point it anywhere. */
  variables?: (connection: Connection) => Variables;
  /** `folder`: where its files will be. `args`: the user's words. Absent: it runs with its variables alone. */
  launch?: (connection: Connection, at: { place: Place; folder: string; args: readonly string[] }) => Launch;
  /** Starting it is of no use before its settings are set. */
  needsSetup?: boolean;
  /** Absent: it has no settings file that says where to go. */
  settings?: (connection: Connection, place: Place) => Settings[];
  /** What to do once its settings are set. */
  next: string;
}
