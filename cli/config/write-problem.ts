import type { ConfigProblem } from "../../storage/types.ts";

/** A problem as compilers write it, so that editors find the place. */
export const writeProblem = (file: string, { message, line, column }: ConfigProblem): string =>
  `${file}:${line ?? 1}:${column ?? 1}: ${message}`;
