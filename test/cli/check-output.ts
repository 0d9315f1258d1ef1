import { Ajv, type ValidateFunction } from "ajv";
import { commands } from "../../cli/commands.ts";
import type { Entry } from "../../cli/entry.ts";
import type { Command, Output } from "../../cli/command.ts";

/** The command that words name, with the words that do; undefined: none. */
export async function findCommand(
  words: readonly string[],
): Promise<{ path: string[]; command: Command } | undefined> {
  let entry: Entry | undefined = { summary: "", children: commands };
  const path: string[] = [];
  for (const word of words) {
    const child: Entry | undefined = entry?.children?.[word];
    if (!child) break;
    path.push(word);
    entry = child;
  }
  const loaded = await entry?.load?.();
  return loaded && { path, command: loaded.default };
}

/** What a command printed with --json must be what it says it prints. */
export async function checkOutput(argv: readonly string[], out: string): Promise<void> {
  const found = await findCommand(argv.filter((word) => !word.startsWith("-")));
  if (!found || argv.includes("--help") || argv.includes("-h")) return;
  const { output } = found.command;
  const name = found.path.join(" ");
  if (output === "none") {
    if (out !== "") throw new Error(`${name} prints nothing, but printed ${out}`);
    return;
  }
  const documents = isLines(output) ? toDocuments(out) : [JSON.parse(out) as unknown];
  const validate = compile(output);
  for (const document of documents) {
    if (!validate(document))
      throw new Error(`${name} --json: ${JSON.stringify(validate.errors)}\n${JSON.stringify(document)}`);
  }
}

const isLines = (output: Output): output is Extract<Output, { lines: unknown }> =>
  typeof output === "object" && "lines" in output;

/** One per line, or a single one over several lines. */
function toDocuments(out: string): unknown[] {
  try {
    return [JSON.parse(out) as unknown];
  } catch {
    return out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }
}

const ajv = new Ajv({ strict: false, allErrors: true });
const compiled = new Map<Output, ValidateFunction>();

function compile(output: Exclude<Output, "none">): ValidateFunction {
  const known = compiled.get(output);
  if (known) return known;
  const made = ajv.compile(isLines(output) ? output.lines : output);
  compiled.set(output, made);
  return made;
}
