import { configSchema } from "../../storage/config.schema.ts";
import { command } from "../command.ts";

export default command({
  args: {},
  examples: ["ccproxy config schema > config.schema.json"],
  async run(_args, { io }) {
    io.stdout(`${JSON.stringify(configSchema, undefined, 2)}\n`);
  },
});
