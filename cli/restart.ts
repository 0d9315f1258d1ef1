import { addressArgs } from "./address.ts";
import { checkArgs } from "./check-args.ts";
import { command } from "./command.ts";
import { findHome } from "./home.ts";
import start from "./start.ts";
import { startDaemon } from "./start-daemon.ts";
import { stopArgs, stopDaemon } from "./stop-daemon.ts";
import { startedShape } from "./shape.ts";

export default command({
  args: { ...addressArgs, ...stopArgs },
  examples: ["ccproxy restart", "ccproxy restart --port 8080"],
  output: startedShape,
  async run(args, invocation) {
    const stopped = await stopDaemon(findHome(invocation.io, args), args);
    invocation.io.stderr(stopped ? `stopped (pid ${stopped.pid})\n` : "was not running\n");
    // Where it listened by flag, it listens again, unless the flags say otherwise.
    const before = checkArgs(["start"], start, stopped?.flags ?? []);
    const host = args.host ?? before.list("host")?.[0];
    const port = args.port ?? before.list("port")?.[0];
    const workers = args.workers ?? before.list("workers")?.[0];
    return await startDaemon({ host, port, workers, config: args.config, json: args.json }, invocation);
  },
});
