import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { list, number, orNull, record, table, text } from "../shape.ts";
import { AGREEING, createAsk } from "./ask.ts";
import { runWizard } from "./run-wizard.ts";
import { createTalk } from "./talk.ts";
import type { Terminal } from "./terminal.ts";

export default command({
  args: {
    start: {
      type: "boolean",
      default: true,
      description: "Start the daemon at the end; --no-start does not.",
    },
  },
  examples: ["ccproxy init --yes", "ccproxy init --yes --no-start --json"],
  output: record({
    url: orNull(text),
    providers: list(text),
    dropped: list(text),
    model: text,
    aliases: table(text),
    answer: orNull(record({ text, ms: number })),
  }),
  async run(args, invocation) {
    const agrees = args.yes === true;
    const terminal =
      agrees || !invocation.mayAsk ? undefined : toTerminal(invocation.io.terminal, invocation.io.env);
    if (!agrees && !terminal) {
      throw new CliError(
        "needs-answer",
        "setting up asks some questions, and nobody is there to answer",
        "--yes takes every provider whose key is set or that runs here; 'ccproxy provider add --help' does it by hand",
      );
    }
    const ask = terminal ? await createAsk(terminal) : AGREEING;
    const talk = await createTalk(invocation.io, terminal);
    await withStorage(args, invocation, async (storage) => {
      const done = await runWizard({ storage, ask, talk, start: args.start !== false, args, invocation });
      print(args, invocation, done, []);
    });
  },
});

/** The terminal without colours, where none are wanted. */
function toTerminal(
  terminal: Terminal | undefined,
  env: Record<string, string | undefined>,
): Terminal | undefined {
  if (!terminal || (!env["NO_COLOR"] && env["TERM"] !== "dumb")) return terminal;
  const output = new Proxy(terminal.output, {
    get(target, name) {
      if (name === "write") {
        return (chunk: string | Uint8Array, ...rest: []): boolean =>
          target.write(typeof chunk === "string" ? chunk.replace(COLOURS, "") : chunk, ...rest);
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { input: terminal.input, output };
}

const COLOURS = /\p{Cc}\[[\d;]*m/gu;
