import { existsSync, readFileSync } from "node:fs";
import { command } from "../command.ts";
import { findDaemon } from "../daemon.ts";
import { print } from "../print.ts";
import { record, text, yesNo } from "../shape.ts";
import { managerOf } from "./find-manager.ts";
import { runProgram } from "./run-program.ts";

export default command({
  args: {},
  examples: ["ccproxy service status", "ccproxy service status --json"],
  output: record(
    { manager: text, file: text, installed: yesNo, current: yesNo, running: yesNo },
    { url: text },
  ),
  async run(args, invocation) {
    const { io } = invocation;
    const { manager, home } = managerOf(io, args);
    const installed = existsSync(manager.file);
    const encoding = manager.name === "task scheduler" ? "utf16le" : "utf8";
    const current = installed && readFileSync(manager.file, encoding).replace(/^\uFEFF/, "") === manager.text;
    const running = installed && (await runProgram(io, manager.status, { mayFail: true })).code === 0;
    const daemon = await findDaemon(home.pidFile);
    const data = {
      manager: manager.name,
      file: manager.file,
      installed,
      current,
      running,
      ...(daemon && { url: daemon.url }),
    };
    print(args, invocation, data, [
      `service  ${installed ? `${manager.file} (${manager.name})` : "not installed; 'ccproxy service install' does it"}`,
      ...(installed ? [`running  ${running ? "yes" : "no"}`] : []),
      ...(daemon ? [`daemon   ${daemon.url} (pid ${daemon.pid})`] : []),
    ]);
    if (installed && !current)
      io.stderr(
        "the service is of another version or place of the program; 'ccproxy service install' renews it\n",
      );
  },
});
