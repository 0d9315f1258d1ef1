import { join } from "node:path";
import { clearRests } from "../../clear-rests.ts";
import { command } from "../../command.ts";
import { findDaemon } from "../../daemon.ts";
import { CliError } from "../../exit-code.ts";
import { findHome, withStorage } from "../../home.ts";
import { print } from "../../print.ts";
import { list, record, text } from "../../shape.ts";
import { findProviderKey, openProvider } from "./find-provider-key.ts";

export default command({
  args: {
    provider: { type: "positional", required: true, description: "The provider." },
    key: {
      type: "positional",
      required: false,
      description: "Which key: #2, env:NAME; default: all, and its models.",
    },
  },
  examples: [
    "ccproxy provider key clear openrouter",
    "ccproxy provider key clear openrouter env:OPENROUTER_KEY_2",
  ],
  output: record({ cleared: list(text) }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const { id, provider } = openProvider(config.current, args.provider);
      const key = args.key === undefined ? undefined : findProviderKey(id, provider, args.key);
      if (key && key.name === undefined)
        throw new CliError(
          "not-possible",
          `${key.shown} is off`,
          `'ccproxy provider key enable ${id} ${key.shown}' takes it back`,
        );
      const home = findHome(invocation.io, args);
      const daemon = await findDaemon(home.pidFile);
      if (!daemon)
        throw new CliError(
          "daemon-unreachable",
          "the daemon does not run, so nothing rests",
          "'ccproxy start' starts it",
        );
      const cleared = await clearRests(daemon, join(home.dir, "admin-token"), key?.name ?? id);
      print(args, invocation, { cleared }, cleared);
      invocation.io.stderr(cleared.length > 0 ? "may be asked again at once\n" : "nothing of it rests\n");
    }),
});
