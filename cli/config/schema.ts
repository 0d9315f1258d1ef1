import { configSchema } from "../../storage/config.schema.ts";
import { command } from "../command.ts";
import { anything } from "../shape.ts";

export default command({
  args: {},
  examples: ["ccproxy config schema > config.schema.json"],
  output: anything,
  async run(_args, { io }) {
    io.stdout(`${JSON.stringify(configSchema, undefined, 2)}\n`);
  },
});
