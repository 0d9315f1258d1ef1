import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readConfig } from "../../storage/read-config.ts";
import type { ConfigProblem } from "../../storage/types.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit-code.ts";
import { findHome } from "../home.ts";
import { print } from "../print.ts";
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
    const text = await readText(file, args.file !== undefined);
    const { problems, warnings } =
      text === undefined ? { problems: [], warnings: [] } : await readConfig(text);
    const lines = problems.map((problem) => toLine(file, problem));
    print(args, invocation, { file, valid: problems.length === 0, problems, warnings }, lines);
    for (const warning of args.json ? [] : warnings)
      invocation.io.stderr(`warning: ${toLine(file, warning)}\n`);
    if (problems.length > 0) return EXIT.configRefused;
    if (!args.json)
      invocation.io.stderr(
        text === undefined ? `${file} does not exist: defaults are in force\n` : `${file} is valid\n`,
      );
    return EXIT.ok;
  },
});

/** As compilers write it, so that editors find the place. */
const toLine = (file: string, { message, line }: ConfigProblem): string => `${file}:${line ?? 1}: ${message}`;

async function readText(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing && !mustExist) return undefined;
    throw isMissing ? new CliError("no-file", `${file} does not exist`, "check the path") : error;
  }
}
