import { claude } from "./agents/claude.ts";
import { connectArgs } from "./agents/connect-args.ts";
import { launchAgent } from "./agents/launch-agent.ts";
import { launchShape } from "./agents/shapes.ts";
import { command } from "./command.ts";

export default command({
  args: {
    ...connectArgs,
    "dry-run": { type: "boolean", description: "Show what would be run, and run nothing." },
  },
  more: true,
  examples: ["ccproxy code", "ccproxy code --group qwen -- --continue"],
  output: launchShape,
  run: (args, invocation) => launchAgent(claude, invocation.words, { args, invocation }),
});
