import { join } from "node:path";
import { askAdmin } from "./ask-admin.ts";
import { command } from "./command.ts";
import { CliError } from "./exit-code.ts";
import { findHome } from "./home.ts";
import { needRunning } from "./need-running.ts";
import { print } from "./print.ts";
import { record, yesNo } from "./shape.ts";
import type { ConfigProblem } from "../storage/types.ts";

export default command({
  args: {},
  examples: ["ccproxy reload"],
  output: record({ ok: yesNo }),
  async run(args, invocation) {
    const home = findHome(invocation.io, args);
    const daemon = await needRunning(home);
    const tokenFile = join(home.dir, "admin-token");
    const answer = await askAdmin(daemon, { path: "/admin/reload", method: "POST", tokenFile });
    const { ok, problem } = answer as { ok: boolean; problem?: ConfigProblem };
    if (!ok) {
      const line = problem?.line === undefined ? "" : ` (line ${problem.line})`;
      throw new CliError(
        "config-refused",
        `${problem?.message ?? "the configuration cannot be used"}${line}; what was in force stays`,
        "'ccproxy config validate' shows everything that is wrong",
      );
    }
    print(args, invocation, { ok }, []);
    invocation.io.stderr("the daemon has the configuration as it is now\n");
  },
});
