import { command } from "./command.ts";
import { findHome } from "./home.ts";
import { print } from "./print.ts";
import { stopDaemon, stopArgs } from "./stop-daemon.ts";
import { number, record, yesNo } from "./shape.ts";

export default command({
  args: stopArgs,
  examples: ["ccproxy stop", "ccproxy stop --timeout 60", "ccproxy stop --force"],
  output: record({ stopped: yesNo }, { pid: number }),
  async run(args, invocation) {
    const { io } = invocation;
    const stopped = await stopDaemon(findHome(io, args), args);
    print(args, invocation, { stopped: stopped !== undefined, ...(stopped && { pid: stopped.pid }) }, []);
    io.stderr(stopped ? `stopped (pid ${stopped.pid})\n` : "not running\n");
  },
});
