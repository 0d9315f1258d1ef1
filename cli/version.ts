import { VERSION } from "../server/version.ts";
import { command } from "./command.ts";
import { record, text } from "./shape.ts";

export default command({
  args: {},
  examples: ["ccproxy version", "ccproxy version --json"],
  output: record({ version: text, node: text }),
  async run(args, { io }) {
    io.stdout(
      args.json ? `${JSON.stringify({ version: VERSION, node: process.version })}\n` : `${VERSION}\n`,
    );
  },
});
