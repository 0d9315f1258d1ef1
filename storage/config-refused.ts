import type { ConfigProblem } from "./types.ts";

/** A configuration that cannot be used, or a change that would make it so. */
export class ConfigRefused extends Error {
  readonly code = "CONFIG_REFUSED";
  readonly problems: readonly ConfigProblem[];

  constructor(message: string, problems: readonly ConfigProblem[] = []) {
    super(message);
    this.name = "ConfigRefused";
    this.problems = problems;
  }
}
