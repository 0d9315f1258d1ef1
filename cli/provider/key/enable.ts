import { command } from "../../command.ts";
import { record, text, yesNo } from "../../shape.ts";
import { switchKey } from "./switch-key.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: { type: "positional", required: true, description: "Which key: #2, env:NAME, file:PATH." },
  },
  examples: [
    "ccproxy provider key enable openrouter env:OPENROUTER_KEY_2",
    "ccproxy provider key enable openrouter '#2'",
  ],
  output: record({ provider: text, key: text, enabled: yesNo }),
  run: (args, invocation) => switchKey(args, invocation, true),
});
