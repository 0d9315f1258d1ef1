import type { Imported } from "./imported.ts";
import type { Source } from "./source.ts";

/** One file on its way into our configuration. */
export interface Reading {
  source: Source;
  imported: Imported;
  /** Their name of a provider → ours. */
  names: Map<string, string>;
}
