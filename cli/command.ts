import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import type { Schema } from "../storage/schema/schema.ts";
import type { Io } from "./io.ts";

export interface Invocation {
  io: Io;
  /** All values of a flag that may be given more than once; commas part them, too. */
  list: (flag: string) => string[] | undefined;
  /** The words that are no flags. */
  words: string[];
  /** A person sits there and may be asked: terminals, no --no-input, no --json. */
  mayAsk: boolean;
  /** Asks before something is done; --yes agrees. Throws `declined`, or `needs-answer` where nobody can be asked. */
  confirm: (question: string) => Promise<void>;
}

/** What a command prints with --json: one document, one per line (`lines`), or nothing. */
export type Output = Schema | { lines: Schema } | "none";

/** A citty command with what help shows beyond it. */
export interface Command extends CommandDef {
  args: ArgsDef;
  examples: readonly string[];
  /** Flags that may be given more than once. */
  repeatable: readonly string[];
  /** Whether more words than the named ones may follow. */
  more: boolean;
  output: Output;
}

export interface CommandOptions<T extends ArgsDef> {
  args: T;
  examples: readonly string[];
  repeatable?: readonly (keyof T & string)[];
  more?: boolean;
  /** Programs depend on it: fields may be added, and stay. */
  output: Output;
  /** Returns the exit code, one of `EXIT` or that of a program that was run; nothing means 0. */
  run: (args: ParsedArgs<T> & CommonArgs, invocation: Invocation) => Promise<number | void>;
}

/** Defines one command; its name and description are in `commands.ts`, so that help need not load it. */
export function command<const T extends ArgsDef>(options: CommandOptions<T>): Command {
  const { args, examples, repeatable = [], more = false, output, run } = options;
  return {
    args: { ...args, ...COMMON },
    examples,
    repeatable,
    more,
    output,
    run: ({ args: parsed, data }) => run(parsed as unknown as ParsedArgs<T> & CommonArgs, data as Invocation),
  };
}

const COMMON = {
  json: { type: "boolean", description: "Print data as JSON." },
  config: { type: "string", valueHint: "file", description: "Another configuration file." },
  quiet: { type: "boolean", alias: "q", description: "No talk on stderr but errors." },
  yes: { type: "boolean", alias: "y", description: "Agree to what would be asked." },
  "no-input": { type: "boolean", description: "Ask nothing; fail where an answer is needed." },
  help: { type: "boolean", alias: "h", description: "Show this text." },
} satisfies ArgsDef;

/** The flags every command has, for those that read them. */
export type CommonArgs = { json?: boolean; config?: string };
