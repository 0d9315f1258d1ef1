import { anything, list, orNull, record, table, text, yesNo } from "../shape.ts";

/** What `launch --dry-run` prints with --json. */
export const launchShape = record({
  command: text,
  args: list(text),
  env: table(orNull(text)),
  files: table(text),
});

/** What `setup` and `restore` print with --json: one for every agent. */
export const changesShape = list(
  record(
    { agent: text, changed: yesNo, files: list(anything), left: list(text) },
    { skipped: text, diff: text },
  ),
);
