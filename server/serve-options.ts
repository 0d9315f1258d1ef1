import type { DepsOptions } from "./create-deps.ts";
import type { Comforts, ListenPatience } from "./listen.ts";

export interface ServeOptions extends Omit<DepsOptions, "running" | "accepting" | "startedAt"> {
  port: number;
  comforts?: Comforts;
  patience?: Partial<ListenPatience>;
  /** How many processes answer; default 1: this one. */
  workers?: number;
  /** Takes what is to be said beside the log, line by line. */
  onTalk?: (line: string) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:11434` */
  url: string;
  /**
   * Stops accepting, lets running answers finish for at most `graceMs`, then ends them with an error of their protocol.
   * Default: `server.drainMs` of the configuration.
   */
  close: (graceMs?: number) => Promise<void>;
}
