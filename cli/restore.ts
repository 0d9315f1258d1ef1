import { changeAgents, pickRecorded } from "./agents/change-agents.ts";
import { findPlace } from "./agents/find-place.ts";
import { planRestore } from "./agents/plan-setup.ts";
import { createRecordStore } from "./agents/record.ts";
import { changesShape } from "./agents/shapes.ts";
import { command } from "./command.ts";

export default command({
  args: {
    agent: { type: "positional", required: false, description: "The agents that were set up." },
    all: { type: "boolean", description: "All that were set up." },
    "dry-run": { type: "boolean", description: "Show the change, and change nothing." },
  },
  more: true,
  examples: ["ccproxy restore claude", "ccproxy restore --all --dry-run"],
  output: changesShape,
  async run(args, invocation) {
    const place = findPlace(invocation.io);
    const records = createRecordStore(place.own);
    const picked = await pickRecorded(invocation.words, { all: args.all === true, records });
    return changeAgents(picked, {
      args,
      invocation,
      place,
      isRestore: true,
      async plan(agent) {
        const record = await records.read(agent.id);
        return record && planRestore(record);
      },
    });
  },
});
