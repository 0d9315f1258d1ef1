import { addressArgs } from "./address.ts";
import { command } from "./command.ts";
import { findDaemon } from "./daemon.ts";
import { CliError, EXIT } from "./exit-code.ts";
import { findHome } from "./home.ts";
import { print } from "./print.ts";
import { startDaemon } from "./start-daemon.ts";
import { startedShape } from "./shape.ts";

export default command({
  args: addressArgs,
  examples: ["ccproxy start", "ccproxy start --port 8080"],
  output: startedShape,
  async run(args, invocation) {
    const { io } = invocation;
    const home = findHome(io, args);
    const running = await findDaemon(home.pidFile);
    if (running) {
      const port = new URL(running.url).port || "80";
      if (args.port !== undefined && args.port !== port) {
        throw new CliError(
          "in-use",
          `the daemon already runs on ${running.url}`,
          `'ccproxy restart --port ${args.port}' moves it`,
        );
      }
      print(args, invocation, { url: running.url, pid: running.pid, started: false }, []);
      io.stderr(`already running: ${running.url} (pid ${running.pid})\n`);
      return EXIT.ok;
    }
    return await startDaemon(args, invocation);
  },
});
