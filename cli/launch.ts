import { agents, findAgent } from "./agents/agents.ts";
import { connectArgs } from "./agents/connect-args.ts";
import { launchAgent } from "./agents/launch-agent.ts";
import { launchShape } from "./agents/shapes.ts";
import { command } from "./command.ts";

export default command({
  args: {
    agent: {
      type: "positional",
      required: true,
      description: agents
        .filter((agent) => agent.command)
        .map(({ id }) => id)
        .join(", "),
    },
    ...connectArgs,
    "dry-run": { type: "boolean", description: "Show what would be run, and run nothing." },
  },
  more: true,
  examples: [
    "ccproxy launch claude",
    "ccproxy launch codex --model small --dry-run",
    "ccproxy launch gemini --group qwen --compat -- -p 'What is in this folder?'",
  ],
  output: launchShape,
  run: (args, invocation) =>
    launchAgent(findAgent(args.agent), invocation.words.slice(1), { args, invocation }),
});
