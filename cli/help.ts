import type { ArgDef } from "citty";
import { toShort } from "./check-args.ts";
import type { Command } from "./command.ts";
import type { Entry } from "./entry.ts";

/** The help of one command. */
export function commandHelp(path: string[], summary: string, command: Command): string {
  const args = Object.entries(command.args);
  const words = args.filter(([, arg]) => arg.type === "positional");
  const flags = args.filter(([, arg]) => arg.type !== "positional");
  const usage = [
    "ccproxy",
    ...path,
    ...words.map(([name, arg]) => (arg.required === false ? `[${name}]` : `<${name}>`)),
  ];
  if (command.more) usage.push("…");
  return [
    summary,
    "",
    `  ${usage.join(" ")} [flags]`,
    ...section(
      "Words",
      words.map(([name, arg]) => [name, arg.description ?? ""]),
    ),
    ...section(
      "Flags",
      flags.map(([name, arg]) => [toFlag(name, arg), toText(arg, command.repeatable.includes(name))]),
    ),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

/** The help of the program, or of a family of commands. */
export function overviewHelp(path: string[], entry: Entry): string {
  const children = Object.entries(entry.children ?? {}).filter(([, child]) => !child.hidden);
  const rows = children.map(([name, child]): [string, string] => [
    name,
    `${child.summary}${familyOf(child)}`,
  ]);
  const example =
    path.length === 0 ? TOP_EXAMPLES : [`ccproxy ${path.join(" ")} ${children[0]?.[0] ?? ""} --help`];
  return [
    entry.summary,
    "",
    `  ccproxy ${[...path, "<command>"].join(" ")} [flags]`,
    ...section("Commands", rows),
    "",
    "Examples:",
    ...example.map((line) => `  ${line}`),
    "",
    ...(path.length === 0 ? [...FOOTER, ""] : []),
  ].join("\n");
}

function section(title: string, rows: [string, string][]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.length === 0
    ? []
    : ["", `${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())];
}

function toFlag(name: string, arg: ArgDef): string {
  const letter = toShort(arg);
  const short = letter === undefined ? "" : `-${letter}, `;
  if (arg.type === "boolean") return `${short}--${name}`;
  const value = arg.valueHint ?? (arg.type === "enum" ? arg.options?.join("|") : undefined) ?? "text";
  return `${short}--${name} <${value}>`;
}

const toText = (arg: ArgDef, isRepeatable: boolean): string =>
  [arg.description, isRepeatable ? "May be repeated." : "", arg.required ? "Required." : ""]
    .filter(Boolean)
    .join(" ");

const familyOf = (entry: Entry): string =>
  entry.children ? ` (${Object.keys(entry.children).join(", ")})` : "";

const TOP_EXAMPLES = [
  "ccproxy init",
  "ccproxy launch claude",
  "ccproxy model add 'claude-*' lan/qwen3-coder:30b",
  "ccproxy doctor",
  'eval "$(ccproxy env)"',
];

const FOOTER = [
  "Data goes to stdout, talk to stderr; --json prints data as JSON.",
  "Everything is kept in $CCPROXY_HOME, by default ~/.ccproxy. Flags win over CCPROXY_* variables, these over the file.",
  "Exit codes: 0 ok, 1 failure, 2 usage, 3 port taken, 4 configuration refused, 5 not authorised, 6 daemon unreachable, 130 interrupted.",
  "Failures name their code: 'ccproxy help <code>' says more about it.",
];
