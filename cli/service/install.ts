import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../storage/safe-file.ts";
import { command, type Invocation } from "../command.ts";
import { findDaemon } from "../daemon.ts";
import { listKeyNames } from "../daemon-env.ts";
import { CliError } from "../exit-code.ts";
import { withStorage, type Home } from "../home.ts";
import { print } from "../print.ts";
import { list, record, text, yesNo } from "../shape.ts";
import { managerOf, type Manager } from "./find-manager.ts";
import { runProgram } from "./run-program.ts";

export default command({
  args: { "dry-run": { type: "boolean", description: "Show the file and the commands, and do nothing." } },
  examples: ["ccproxy service install --dry-run", "ccproxy service install"],
  output: record({
    manager: text,
    file: text,
    text,
    commands: list(list(text)),
    installed: yesNo,
    missingKeys: list(text),
  }),
  async run(args, invocation) {
    const { io } = invocation;
    const { manager, home } = managerOf(io, args);
    const isDry = args["dry-run"] === true;
    if (!isDry && (await findDaemon(home.pidFile)))
      throw new CliError(
        "in-use",
        "a daemon runs already, which holds the port",
        "'ccproxy stop' ends it, or 'ccproxy service uninstall'",
      );
    const missingKeys = await withStorage(args, invocation, async ({ config }) =>
      listKeyNames(config.current),
    );
    if (!isDry) await install(manager, home, invocation);
    const { name, file, text: content, install: commands } = manager;
    print(
      args,
      invocation,
      { manager: name, file, text: content, commands, installed: !isDry, missingKeys },
      isDry ? [`# ${file}`, content.trimEnd(), "", ...commands.map((words) => `# ${words.join(" ")}`)] : [],
    );
    io.stderr(isDry ? "nothing was done\n" : `${file}: the daemon runs, and is started at login\n`);
    if (missingKeys.length > 0)
      io.stderr(
        name === "systemd"
          ? `services do not see your shell's variables: put ${missingKeys.join(", ")} as NAME=value into ${join(home.dir, "service.env")}\n`
          : `services do not see your shell's variables (${missingKeys.join(", ")}): give these keys as file:PATH instead\n`,
      );
    if (name === "systemd") await warnOfLinger(invocation);
  },
});

async function install(
  { file, text, install: commands, name }: Manager,
  home: Home,
  { io }: Invocation,
): Promise<void> {
  await makeFolder(home.dir);
  await mkdir(dirname(file), { recursive: true });
  // The Windows scheduler reads UTF-16.
  await writeFile(file, name === "task scheduler" ? Buffer.from(`\uFEFF${text}`, "utf16le") : text, {
    mode: 0o644,
  });
  for (const words of commands) await runProgram(io, words);
}

/** Without it, the service ends with the last session. */
async function warnOfLinger({ io }: Invocation): Promise<void> {
  const user = io.env["USER"] || io.env["LOGNAME"];
  const { code, out } = await runProgram(
    io,
    ["loginctl", "show-user", ...(user ? [user] : []), "--property=Linger"],
    { mayFail: true },
  );
  if (code === 0 && out.includes("Linger=yes")) return;
  io.stderr(
    "it runs while you are logged in; 'loginctl enable-linger' keeps it running after that, and from boot on\n",
  );
}
