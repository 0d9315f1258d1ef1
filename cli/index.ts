import { EXIT } from "./exit-code.ts";
import { createProcessIo } from "./io.ts";
import { run } from "./run.ts";

// Until the command has ended; should nothing be left to wait for before that, something went wrong.
process.exitCode = EXIT.failure;
// Not awaited here: what commands load is bundled with this file, and would wait for it in turn.
void run(process.argv.slice(2), createProcessIo()).then((code) => {
  process.exitCode = code;
});
