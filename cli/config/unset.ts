import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { record, text } from "../shape.ts";
import { changeAt } from "./change-at.ts";
import { readAt, toSegments } from "./config-path.ts";

export default command({
  args: {
    path: {
      type: "positional",
      required: true,
      description: "A place such as groups.qwen.tools, or a JSON pointer; its default counts from then on.",
    },
  },
  examples: [
    "ccproxy config unset groups.qwen.strategy",
    "ccproxy config unset /providers/openrouter/keys/0",
  ],
  output: record({ removed: text }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const segments = toSegments(args.path, config.current);
      readAt(config.current, segments);
      await config.update((draft) => changeAt(draft, segments, undefined));
      print(args, invocation, { removed: args.path }, []);
      invocation.io.stderr(`removed ${args.path}\n`);
    }),
});
