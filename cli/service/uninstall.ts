import { existsSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { command } from "../command.ts";
import { print } from "../print.ts";
import { list, record, text, yesNo } from "../shape.ts";
import { managerOf } from "./find-manager.ts";
import { runProgram } from "./run-program.ts";

export default command({
  args: { "dry-run": { type: "boolean", description: "Show what would be done, and do nothing." } },
  examples: ["ccproxy service uninstall --dry-run"],
  output: record({ manager: text, file: text, commands: list(list(text)), removed: yesNo }),
  async run(args, invocation) {
    const { io } = invocation;
    const { name, file, uninstall: commands } = managerOf(io, args).manager;
    const isThere = existsSync(file);
    const isDone = isThere && !args["dry-run"];
    if (isDone) {
      const [first = [], ...rest] = commands;
      // One that does not run cannot be ended.
      await runProgram(io, first, { mayFail: true });
      await unlink(file);
      for (const words of rest) await runProgram(io, words, { mayFail: true });
    }
    const lines = [`# remove ${file}`, ...commands.map((words) => `# ${words.join(" ")}`)];
    print(
      args,
      invocation,
      { manager: name, file, commands, removed: isDone },
      args["dry-run"] && isThere ? lines : [],
    );
    io.stderr(
      !isThere
        ? "no service is installed\n"
        : isDone
          ? `removed ${file}; configuration and keys stay\n`
          : "nothing was done\n",
    );
  },
});
