import { VERSION } from "../server/version.ts";
import { command } from "./command.ts";

export default command({
  args: {},
  examples: ["ccproxy version", "ccproxy version --json"],
  async run(args, { io }) {
    io.stdout(
      args.json ? `${JSON.stringify({ version: VERSION, node: process.version })}\n` : `${VERSION}\n`,
    );
  },
});
