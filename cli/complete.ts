import { readFile } from "node:fs/promises";
import type { ArgDef } from "citty";
import { command, type Command } from "./command.ts";
import type { Entry } from "./entry.ts";
import { findHome } from "./home.ts";
import { record, text } from "./shape.ts";

/** Commands as the program has them: by their first word. */
type Commands = Record<string, Entry>;

/** What the shells' completion asks at every press of Tab: quick, silent, and never a failure. */
export const createComplete = (commands: Commands): Command =>
  command({
    args: {
      words: {
        type: "positional",
        required: false,
        description: "The words so far, the last one as far as it is typed.",
      },
    },
    more: true,
    examples: ["ccproxy __complete -- provider sh"],
    output: { lines: record({ name: text }, { text }) },
    async run(args, { io, words }) {
      const names = await readNames(findHome(io, args).configFile);
      const typed = unquote(words.at(-1) ?? "");
      const found = (await complete(commands, words.slice(0, -1), typed, names)).filter(({ name }) =>
        name.startsWith(typed),
      );
      for (const { name, text = "" } of found)
        io.stdout(args.json ? `${JSON.stringify({ name, text })}\n` : `${name}\t${text}\n`);
    },
  });

interface Choice {
  name: string;
  text?: string;
}

async function complete(
  commands: Commands,
  before: string[],
  typed: string,
  names: Names,
): Promise<Choice[]> {
  let children: Commands | undefined = commands;
  let entry: Entry | undefined;
  const path: string[] = [];
  const rest = [...before];
  while (children) {
    const word = rest.shift();
    if (word === undefined) return listCommands(children);
    entry = Object.hasOwn(children, word) ? children[word] : undefined;
    if (!entry) return [];
    path.push(word);
    children = entry.children;
  }
  const found = (await entry?.load?.())?.default;
  if (!found) return [];
  const last = rest.at(-1);
  const flag = last?.startsWith("--") ? found.args[last.slice(2)] : undefined;
  if (flag && flag.type !== "boolean" && flag.type !== "positional")
    return flag.type === "enum" ? toChoices(flag.options ?? []) : namesFor(path, last?.slice(2) ?? "", names);
  if (typed.startsWith("-")) return listFlags(found, rest);
  return listWords(path, found, rest, names);
}

const listCommands = (children: Commands): Choice[] =>
  Object.entries(children)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { summary }]) => ({ name, text: summary }));

const listFlags = ({ args, repeatable }: Command, given: string[]): Choice[] =>
  Object.entries(args)
    .filter(
      ([name, { type }]) =>
        type !== "positional" && (repeatable.includes(name) || !given.includes(`--${name}`)),
    )
    .map(([name, { description = "" }]) => ({ name: `--${name}`, text: description }));

/** The word that comes next: the one after those that are there, and that are no flags or values of flags. */
async function listWords(
  path: string[],
  { args }: Command,
  given: string[],
  names: Names,
): Promise<Choice[]> {
  const isValue = (at: number): boolean => {
    const flag: ArgDef | undefined = args[(given[at - 1] ?? "").replace(/^--/, "")];
    return given[at - 1]?.startsWith("--") === true && flag !== undefined && flag.type !== "boolean";
  };
  const words = given.filter((word, at) => !word.startsWith("-") && !isValue(at));
  const positionals = Object.entries(args).filter(([, { type }]) => type === "positional");
  if (positionals[words.length]?.[0] === "agent" || path.join() === "env") return listAgents();
  const next = positionals[words.length] ?? (positionals.length > 0 ? positionals.at(-1) : undefined);
  return next ? namesFor(path, next[0], names) : [];
}

interface Names {
  providers: string[];
  groups: string[];
  aliases: string[];
  keys: string[];
}

/** By what the word or flag is called; a family's own names are its first word. */
function namesFor([family = "", verb = ""]: string[], arg: string, names: Names): Choice[] {
  if (verb === "add" && arg !== "target" && arg !== "group") return [];
  const own: Record<string, string[]> = { provider: names.providers, group: names.groups, key: names.keys };
  switch (arg) {
    case "provider":
      return toChoices(names.providers);
    case "id":
    case "name":
      return toChoices(own[family] ?? []);
    case "group":
      return toChoices(names.groups);
    case "alias":
    case "model":
      return toChoices(names.aliases);
    case "target":
    case "only":
      return toChoices(names.providers.map((name) => `${name}/`));
    case "key":
      return family === "key" || family === "group" ? toChoices(names.keys) : [];
    default:
      return toChoices(WORDS[`${family} ${arg}`] ?? []);
  }
}

/** Loaded for those commands alone. */
async function listAgents(): Promise<Choice[]> {
  const { agents } = await import("./agents/agents.ts");
  return toChoices(agents.map(({ id }) => id));
}

const toChoices = (names: readonly string[]): Choice[] => names.map((name) => ({ name }));

/** What shells hand over as they see it. */
const unquote = (word: string): string => word.replace(/^(["'])(.*?)\1?$/, "$2");

/** Straight from the file: checking it takes longer than anybody waits for Tab. */
async function readNames(file: string): Promise<Names> {
  try {
    const { providers, groups, keys } = JSON.parse(await readFile(file, "utf8")) as Record<string, Table>;
    return {
      providers: Object.keys(providers ?? {}),
      groups: [...new Set(["default", ...Object.keys(groups ?? {})])],
      aliases: [...new Set(Object.values(groups ?? {}).flatMap(({ models }) => Object.keys(models ?? {})))],
      keys: Object.entries(keys ?? {}).map(([id, { name }]) => (typeof name === "string" ? name : id)),
    };
  } catch {
    return { providers: [], groups: ["default"], aliases: [], keys: [] };
  }
}

type Table = Record<string, { models?: object; name?: unknown }>;

const WORDS: Record<string, string[]> = {
  "completion shell": ["bash", "zsh", "fish", "powershell"],
  "import what": ["ccr", "litellm", "go", "env"],
};
