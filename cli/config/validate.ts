import { resolve } from "node:path";
import { readConfig } from "../../storage/read-config.ts";
import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findHome } from "../home.ts";
import { print } from "../print.ts";
import { readText } from "./read-text.ts";
import { writeProblem } from "./write-problem.ts";
import { list, problem, record, text, yesNo } from "../shape.ts";

export default command({
  args: {
    file: {
      type: "positional",
      required: false,
      description: "Another file; default: the configuration in use.",
    },
  },
  examples: ["ccproxy config validate", "ccproxy config validate ./new.json --json"],
  output: record({ file: text, valid: yesNo, problems: list(problem), warnings: list(problem) }),
  async run(args, invocation) {
    const file = args.file === undefined ? findHome(invocation.io, args).configFile : resolve(args.file);
    const found = await readText(file);
    if (found === null && args.file !== undefined)
      throw new CliError("no-file", `${file} does not exist`, "check the path");
    const { problems, warnings } = found === null ? { problems: [], warnings: [] } : await readConfig(found);
    const lines = problems.map((problem) => writeProblem(file, problem));
    print(args, invocation, { file, valid: problems.length === 0, problems, warnings }, lines);
    for (const warning of args.json ? [] : warnings)
      invocation.io.stderr(`warning: ${writeProblem(file, warning)}\n`);
    if (problems.length > 0)
      throw new CliError(
        "config-refused",
        `${file} cannot be used: ${problems.length === 1 ? "one thing is" : `${problems.length} things are`} wrong`,
        "mend what stands above; a daemon that runs goes on with what it had",
      );
    if (!args.json)
      invocation.io.stderr(
        found === null ? `${file} does not exist: defaults are in force\n` : `${file} is valid\n`,
      );
  },
});
