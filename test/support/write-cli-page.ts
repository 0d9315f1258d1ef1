import type { ArgDef } from "citty";
import { commands } from "../../cli/commands.ts";
import type { Entry } from "../../cli/entry.ts";
import type { Command, Output } from "../../cli/command.ts";
import { ERRORS, EXIT } from "../../cli/exit-code.ts";

interface Leaf {
  path: string[];
  entry: Entry;
  command: Command;
}

/** `docs/cli.md`: every command, from the commands themselves. */
export async function writeCliPage(): Promise<string> {
  const leaves = await listLeaves(commands);
  const shown = leaves.filter(({ entry }) => !entry.hidden);
  const [first] = leaves;
  const common = Object.keys(first?.command.args ?? {}).filter((name) =>
    leaves.every(({ command }) => command.args[name] !== undefined),
  );
  const families = Object.entries(commands).filter(([, { hidden }]) => !hidden);
  return [
    "# Commands",
    "",
    "Data goes to stdout, talk to stderr; `--json` prints data as JSON, in the shapes of [cli.schema.json](cli.schema.json). Nothing is",
    "asked and no colour is used outside a terminal. Flags win over `CCPROXY_*` variables, these over the file.",
    "",
    "| flag of every command | |",
    "|---|---|",
    ...common.map((name) => row(name, first?.command.args[name])),
    "",
    "Secrets are never words of a command: they are `env:NAME`, `file:PATH`, or `-` for standard input. `ccproxy completion` has",
    "commands and names completed by your shell.",
    "",
    ...families.map(([name, { summary }]) => `- [\`${name}\`](#ccproxy-${name}): ${summary}`),
    "- [exit codes](#exit-codes), [errors](#errors)",
    "",
    ...families.flatMap(([name, entry]) => writeFamily(name, entry, shown, common)),
    "## Exit codes",
    "",
    "| code | |",
    "|---|---|",
    ...Object.entries(EXIT).map(([name, code]) => `| ${code} | ${WORDS[name] ?? ""} |`),
    "",
    "## Errors",
    "",
    "Every failure says what was wrong, what to do next, and its code, which stays the same: `ccproxy: …`, `next: …`, `code: …` on stderr,",
    'with `--json` as `{"error":{"code","message","next","docs","exitCode"}}`. `ccproxy help <code>` says what stands here.',
    "",
    ...Object.entries(ERRORS).flatMap(([code, { exit, meaning, remedy }]) => [
      `### ${code}`,
      "",
      `${meaning} ${remedy} Exit code ${exit}.`,
      "",
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** `docs/cli.schema.json`: what each command prints with --json. */
export async function writeCliSchema(): Promise<string> {
  const leaves = (await listLeaves(commands)).filter(({ command }) => command.output !== "none");
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What ccproxy's commands print with --json",
    description:
      "One definition for each command; with lines, each line of the output is a document of its own.",
    definitions: Object.fromEntries(
      leaves.map(({ path, entry, command }) => [path.join(" "), describe(entry.summary, command.output)]),
    ),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function describe(summary: string, output: Output): object {
  if (output === "none") return {};
  return "lines" in output
    ? { description: `${summary} Each line:`, ...(output.lines as object) }
    : { description: summary, ...output };
}

function writeFamily(name: string, entry: Entry, leaves: Leaf[], common: string[]): string[] {
  const own = leaves.filter(({ path }) => path[0] === name);
  return [
    `## ccproxy ${name}`,
    "",
    entry.summary,
    "",
    ...own.flatMap((leaf) => [
      ...(leaf.path.length > 1 ? [`### ccproxy ${leaf.path.join(" ")}`, "", leaf.entry.summary, ""] : []),
      ...writeCommand(leaf, common),
    ]),
  ];
}

function writeCommand({ command }: Leaf, common: string[]): string[] {
  const args = Object.entries(command.args).filter(([name]) => !common.includes(name));
  return [
    "```sh",
    ...command.examples,
    "```",
    "",
    ...(args.length === 0
      ? []
      : [
          "| | |",
          "|---|---|",
          ...args.map(([name, arg]) => row(name, arg, command.repeatable.includes(name))),
          "",
        ]),
  ];
}

function row(name: string, arg: ArgDef | undefined, isRepeatable = false): string {
  if (!arg) return "";
  const { description = "", type } = arg;
  const value = arg.valueHint ?? (type === "enum" ? arg.options?.join("\\|") : "text");
  const word =
    type === "positional"
      ? arg.required === false
        ? `[${name}]`
        : `<${name}>`
      : type === "boolean"
        ? `--${name}`
        : `--${name} <${value}>`;
  const notes = [
    description.replaceAll("|", "\\|"),
    isRepeatable ? "May be repeated." : "",
    arg.required && type !== "positional" ? "Required." : "",
  ];
  return `| \`${word}\` | ${notes.filter(Boolean).join(" ")} |`;
}

async function listLeaves(table: Record<string, Entry>, path: string[] = []): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  for (const [name, entry] of Object.entries(table)) {
    if (entry.children) leaves.push(...(await listLeaves(entry.children, [...path, name])));
    else if (entry.load) leaves.push({ path: [...path, name], entry, command: (await entry.load()).default });
  }
  return leaves;
}

const WORDS: Record<string, string> = {
  ok: "Done.",
  failure: "A failure; its error code says which.",
  usage: "The command line is wrong.",
  portTaken: "Another program listens on the port.",
  configRefused: "The configuration cannot be used.",
  unauthorised: "The key or token is not taken.",
  unreachable: "The daemon does not run, or does not answer.",
  interrupted: "Ended by Ctrl-C.",
};
