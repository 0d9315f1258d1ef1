import { agents } from "./agents/agents.ts";
import { changeAgents, pickAgents } from "./agents/change-agents.ts";
import { connect } from "./agents/connect.ts";
import { connectArgs } from "./agents/connect-args.ts";
import { findPlace } from "./agents/find-place.ts";
import { planSetup } from "./agents/plan-setup.ts";
import { createRecordStore } from "./agents/record.ts";
import { changesShape } from "./agents/shapes.ts";
import { command } from "./command.ts";

export default command({
  args: {
    agent: {
      type: "positional",
      required: false,
      description: agents
        .filter(({ settings }) => settings)
        .map(({ id }) => id)
        .join(", "),
    },
    ...connectArgs,
    all: { type: "boolean", description: "All that are installed or have settings already." },
    "dry-run": { type: "boolean", description: "Show the change, and change nothing." },
  },
  more: true,
  examples: [
    "ccproxy setup claude --dry-run",
    "ccproxy setup codex opencode --model small",
    "ccproxy setup --all --group qwen",
  ],
  output: changesShape,
  async run(args, invocation) {
    const place = findPlace(invocation.io);
    const records = createRecordStore(place.own);
    const picked = pickAgents(invocation.words, { all: args.all === true, place });
    let isRunning = true;
    const code = await changeAgents(picked, {
      args,
      invocation,
      place,
      async plan(agent) {
        const record = await records.read(agent.id);
        const connection = await connect(args, invocation, { agent, mayMake: !args["dry-run"] });
        ({ isRunning } = connection);
        return planSetup(agent.settings?.(connection, place) ?? [], record);
      },
    });
    if (!isRunning && !args["dry-run"])
      invocation.io.stderr("the daemon does not run yet: 'ccproxy start' starts it\n");
    return code;
  },
});
