import { unlink } from "node:fs/promises";
import { readConfig } from "../../storage/read-config.ts";
import { replaceConfig } from "../../storage/replace-config.ts";
import { createSafeFile } from "../../storage/safe-file.ts";
import { command, type Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findHome, withStorage } from "../home.ts";
import { print } from "../print.ts";
import { record, text, yesNo } from "../shape.ts";
import { readText } from "./read-text.ts";
import { writeProblem } from "./write-problem.ts";

export default command({
  args: {},
  examples: ["ccproxy config edit", "EDITOR='code --wait' ccproxy config edit"],
  output: record({ path: text, changed: yesNo }),
  async run(args, invocation) {
    const { io } = invocation;
    const { configFile } = findHome(io, args);
    if (!io.runEditor)
      throw new CliError(
        "not-possible",
        "an editor needs a terminal",
        "'ccproxy config set' changes one field; or edit the file: a daemon that runs takes it over",
      );
    const before = await readText(configFile);
    const copy = createSafeFile(`${configFile}.edit.json`);
    await copy.write(before ?? START);
    try {
      const edited = await editUntilGood(copy.path, invocation, io.runEditor);
      const changed = edited !== before && !(before === null && edited === START);
      if (changed) {
        await replaceConfig(configFile, edited, { before });
        await withStorage(args, invocation, async () => undefined);
      }
      print(args, invocation, { path: configFile, changed }, []);
      io.stderr(changed ? `${configFile} is changed\n` : "nothing was changed\n");
    } finally {
      await unlink(copy.path).catch(() => undefined);
    }
  },
});

/** Opens the copy again for as long as it cannot be used and its author wants to mend it. */
async function editUntilGood(
  path: string,
  invocation: Invocation,
  runEditor: NonNullable<Invocation["io"]["runEditor"]>,
): Promise<string> {
  for (let last: string | undefined; ;) {
    await runEditor(path);
    const edited = (await readText(path)) ?? "";
    const { problems, warnings } = await readConfig(edited);
    for (const warning of warnings) invocation.io.stderr(`warning: ${writeProblem(path, warning)}\n`);
    if (problems.length === 0) return edited;
    for (const problem of problems) invocation.io.stderr(`${writeProblem(path, problem)}\n`);
    if (edited === last)
      throw new CliError(
        "config-refused",
        "it is as wrong as before; nothing was changed",
        "edit it again, and mend it",
      );
    last = edited;
    await invocation.confirm("It cannot be used like that. Edit it again? (no throws your edit away)");
  }
}

const START = '{\n  "$schema": "./config.schema.json"\n}\n';
