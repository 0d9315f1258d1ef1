import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { maskConfig } from "../mask-config.ts";
import { print } from "../print.ts";
import { anything } from "../shape.ts";
import { readAt, toSegments } from "./config-path.ts";

export default command({
  args: {
    path: {
      type: "positional",
      required: false,
      description: "A place such as groups.qwen.tools, or a JSON pointer; none: all of it.",
    },
  },
  examples: [
    "ccproxy config get",
    "ccproxy config get server.port",
    "ccproxy config get /groups/qwen/models --json",
  ],
  output: anything,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const shown = maskConfig({ ...config.current });
      const value = args.path === undefined ? shown : readAt(shown, toSegments(args.path, shown));
      print(
        args,
        invocation,
        value,
        typeof value === "object" ? JSON.stringify(value, undefined, 2) : String(value),
      );
    }),
});
