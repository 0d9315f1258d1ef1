import { runCommand } from "citty";
import { VERSION } from "../server/version.ts";
import { checkArgs } from "./check-args.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import type { Entry } from "./entry.ts";
import { CliError, ERRORS, EXIT, toCliError, type ErrorCode } from "./exit-code.ts";
import { createInvocation } from "./invocation.ts";
import type { Io } from "./io.ts";
import { withPrintable } from "./printable.ts";
import { suggest } from "../storage/suggest.ts";

/** Runs one command line and returns its exit code. Never throws. */
export async function run(argv: string[], terminal: Io): Promise<number> {
  const io = withPrintable(terminal);
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const failure = toCliError(error);
    io.stderr(argv.includes("--json") ? toJson(failure) : toLines(failure));
    return failure.exitCode;
  }
}

const toLines = ({ message, next, code, docs }: CliError): string =>
  `ccproxy: ${message}\n  next: ${next}\n  code: ${code} (${docs})\n`;

const toJson = ({ message, next, code, docs, exitCode }: CliError): string =>
  `${JSON.stringify({ error: { code, message, next, docs, exitCode } })}\n`;

async function dispatch(given: string[], io: Io): Promise<number> {
  // Flags that every command has may come first.
  const start = given.findIndex((word) => !LEADING.has(word));
  const leading = given.slice(0, Math.max(0, start));
  const argv = given.slice(leading.length);
  const [first] = argv;
  // Scripts ask for it often: nothing else is loaded for it.
  if (given.length === 1 && VERSION_WORDS.has(first ?? "")) {
    io.stdout(`${VERSION}\n`);
    return EXIT.ok;
  }
  if (argv.every((word) => LEADING.has(word))) return bare(argv, io);
  if (first?.startsWith("-") && VERSION_WORDS.has(first))
    return dispatch(["version", ...leading, ...argv.slice(1)], io);
  const path: string[] = [];
  let entry: Entry = {
    summary: SUMMARY,
    children: commands,
  };
  while (entry.children) {
    const word = argv[path.length];
    if (word === undefined || word === "help" || word.startsWith("-"))
      return await overview(path, entry, argv.slice(path.length), io);
    const child: Entry | undefined = Object.hasOwn(entry.children, word) ? entry.children[word] : undefined;
    if (!child) throw unknownCommand(path, word, listShown(entry.children));
    path.push(word);
    entry = child;
  }
  if (!entry.load) return EXIT.failure;
  const command = (await entry.load()).default;
  const rest = [...leading, ...argv.slice(path.length)];
  if (asksForHelp(rest)) {
    const { commandHelp } = await import("./help.ts");
    io.stdout(commandHelp(path, entry.summary, command));
    return EXIT.ok;
  }
  return await runLeaf(path, command, rest, io);
}

/** The program's name alone, or with common flags: the wizard the first time, then help. */
async function bare(flags: string[], io: Io): Promise<number> {
  const [{ isFirstRun }, { overviewHelp }] = await Promise.all([
    import("./first-run.ts"),
    import("./help.ts"),
  ]);
  if (isFirstRun(flags, io)) return dispatch(["init", ...flags], io);
  const text = overviewHelp([], { summary: SUMMARY, children: commands });
  if (io.terminal === undefined) io.stderr(text);
  else io.stdout(text);
  return io.terminal === undefined ? EXIT.usage : EXIT.ok;
}

async function runLeaf(path: string[], command: Command, rest: string[], io: Io): Promise<number> {
  const invocation = createInvocation(io, checkArgs(path, command, rest));
  const { result } = await runCommand(command, { rawArgs: rest, data: invocation });
  return typeof result === "number" ? result : EXIT.ok;
}

async function overview(path: string[], entry: Entry, rest: string[], io: Io): Promise<number> {
  const { overviewHelp } = await import("./help.ts");
  const text = overviewHelp(path, entry);
  const [word, topic] = rest;
  if (word === undefined && path.length > 0) {
    io.stderr(text);
    return EXIT.usage;
  }
  if (word === "help" && path.length === 0 && topic !== undefined && Object.hasOwn(ERRORS, topic)) {
    const { meaning, remedy, exit } = ERRORS[topic as ErrorCode];
    io.stdout(`${meaning}\n${remedy}\nExit code ${exit}.\n`);
    return EXIT.ok;
  }
  if (word === "help" && topic !== undefined && !topic.startsWith("-"))
    return dispatch([...path, ...rest.slice(1), "--help"], io);
  if (word !== undefined && word !== "help" && word !== "--help" && word !== "-h") {
    throw new CliError(
      "unknown-flag",
      `unknown flag ${word}`,
      `'ccproxy ${[...path, "--help"].join(" ")}' shows what there is`,
    );
  }
  io.stdout(text);
  return EXIT.ok;
}

function unknownCommand(path: string[], word: string, known: string[]): CliError {
  const meant = SYNONYMS[word] ?? suggest(word, known);
  const advice =
    meant !== undefined && known.includes(meant)
      ? `did you mean '${["ccproxy", ...path, meant].join(" ")}'?`
      : `'${["ccproxy", ...path, "--help"].join(" ")}' shows what there is`;
  return new CliError("unknown-command", `unknown command '${[...path, word].join(" ")}'`, advice);
}

const listShown = (children: Record<string, Entry>): string[] =>
  Object.keys(children).filter((name) => !children[name]?.hidden);

function asksForHelp(rest: string[]): boolean {
  const end = rest.indexOf("--");
  return (end === -1 ? rest : rest.slice(0, end)).some((word) => word === "--help" || word === "-h");
}

/** What others call it. */
const SYNONYMS: Record<string, string> = {
  ls: "list",
  rm: "remove",
  delete: "remove",
  del: "remove",
  new: "add",
  create: "add",
  set: "edit",
  update: "edit",
  get: "show",
  check: "validate",
  log: "logs",
  switch: "use",
};

const VERSION_WORDS = new Set(["version", "--version", "-v", "-V"]);
const LEADING = new Set(["--json", "--quiet", "-q", "--yes", "-y", "--no-input"]);

const SUMMARY = "One local port for Ollama, OpenAI, Claude and Gemini clients, before any provider.";
