import { agents, findAgent } from "./agents/agents.ts";
import { connect, toOrigin, toPrefix } from "./agents/connect.ts";
import { connectArgs } from "./agents/connect-args.ts";
import { findKey } from "./agents/find-key.ts";
import { command } from "./command.ts";
import { reachable } from "./daemon.ts";
import { CliError } from "./exit-code.ts";
import { withStorage } from "./home.ts";
import { print } from "./print.ts";
import { orNull, table, text } from "./shape.ts";
import { findShell, setVariable, shellFunctions, SHELLS } from "./shell.ts";

export default command({
  args: {
    agent: {
      type: "positional",
      required: false,
      description: `Whose variables; none: those of all that read any. One of ${agents
        .filter(({ variables }) => variables)
        .map(({ id }) => id)
        .join(", ")}.`,
    },
    shell: {
      type: "enum",
      options: [...SHELLS],
      description: "Whose notation; default: your shell's.",
    },
    ...connectArgs,
    functions: {
      type: "boolean",
      description: "Print functions for the shell's start file: ccuse <group> and ccoff.",
    },
  },
  examples: [
    'eval "$(ccproxy env)"',
    "ccproxy env --group qwen --compat --shell fish | source",
    "ccproxy env claude --shell powershell | Invoke-Expression",
    'eval "$(ccproxy env --functions)"',
    "ccproxy env --json",
  ],
  output: table(orNull(text)),
  async run(args, invocation) {
    const { io } = invocation;
    const shell = args.shell ?? findShell(io);
    if (args.functions) {
      const lines = shellFunctions(shell, Object.keys(toVariables("", "")));
      return print(args, invocation, { functions: lines.join("\n") }, lines);
    }
    const variables = await (args.agent === undefined
      ? forAll(args, invocation)
      : forAgent(args.agent, args, invocation));
    // What would come along, and is not there, need not be taken away.
    const needed = Object.entries(variables).filter(([name, value]) => value !== null || io.env[name]);
    const lines = needed.map(([name, value]) => setVariable(shell, name, value));
    print(args, invocation, Object.fromEntries(needed), lines);
  },
});

type Args = Parameters<typeof connect>[0];
type Talk = Parameters<typeof connect>[1];

async function forAgent(name: string, args: Args, invocation: Talk): Promise<Record<string, string | null>> {
  const agent = findAgent(name);
  if (!agent.variables)
    throw new CliError(
      "not-possible",
      `${agent.name} reads its settings from files alone`,
      `'ccproxy setup ${agent.id}' writes them, 'ccproxy launch ${agent.id}' does without`,
    );
  return agent.variables(await connect(args, invocation, { agent }));
}

function forAll(args: Args, invocation: Talk): Promise<Record<string, string | null>> {
  return withStorage(args, invocation, async (storage) => {
    const { config } = storage;
    const agent = { id: "env", name: "this shell" };
    const prefix = toPrefix(args, config.current);
    const { key } = await findKey(args, invocation, { agent, storage, mayMake: true });
    const origin = await toOrigin(args, invocation, config.current);
    return toVariables(reachable(origin) + prefix, key);
  });
}

function toVariables(base: string, key: string): Record<string, string | null> {
  return {
    ANTHROPIC_BASE_URL: base,
    ANTHROPIC_AUTH_TOKEN: key,
    OPENAI_BASE_URL: `${base}/v1`,
    OPENAI_API_KEY: key,
    GOOGLE_GEMINI_BASE_URL: base,
    GEMINI_API_KEY: key,
    OLLAMA_HOST: base,
    // Sent beside those above, or instead of them: two different keys in one request are refused.
    ANTHROPIC_API_KEY: null,
    GOOGLE_API_KEY: null,
  };
}
