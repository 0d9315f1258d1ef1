import { withoutDefaults } from "../storage/config-defaults.ts";
import { command } from "./command.ts";
import { withStorage } from "./home.ts";
import { maskConfig } from "./mask-config.ts";
import { anything, table } from "./shape.ts";

export default command({
  args: {},
  examples: ["ccproxy export > ccproxy-settings.json"],
  output: table(anything),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const shown = maskConfig(withoutDefaults(config.current, {}));
      invocation.io.stdout(`${JSON.stringify(shown, undefined, 2)}\n`);
      invocation.io.stderr("secrets are masked; env: and file: references are as they are\n");
    }),
});
