import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, fchmodSync, openSync, readFileSync, statSync } from "node:fs";
import { makeFolder } from "../storage/safe-file.ts";
import { toFlags, type AddressFlags } from "./address.ts";
import type { CommonArgs, Invocation } from "./command.ts";
import { askHealth, readDaemon, type Daemon } from "./daemon.ts";
import { listKeyNames, toDaemonEnv } from "./daemon-env.ts";
import { CliError, ERRORS, EXIT, type ErrorCode, type ExitCode } from "./exit-code.ts";
import { findHome, withStorage, type Home } from "./home.ts";
import { print } from "./print.ts";

/** Starts `serve` in the background and waits until it answers; if it ends instead, says why and with its exit code. */
export async function startDaemon(
  args: AddressFlags & CommonArgs,
  invocation: Invocation,
): Promise<ExitCode> {
  const { io } = invocation;
  const home = findHome(io, args);
  await makeFolder(home.dir);
  const logStart = existsSync(home.logFile) ? statSync(home.logFile).size : 0;
  const child = spawnServe(args, invocation, { ...home, keyNames: await findKeyNames(args, invocation) });
  const daemon = await waitUntilReady(child, home);
  if (daemon) {
    child.unref();
    print(args, invocation, { url: daemon.url, pid: daemon.pid, started: true }, []);
    io.stderr(`running: ${daemon.url} (pid ${daemon.pid}), log in ${home.logFile}\n`);
    return EXIT.ok;
  }
  const said = readFileSync(home.logFile).subarray(logStart).toString("utf8").trim();
  if (said !== "") io.stderr(`${said.split("\n").slice(-20).join("\n")}\n`);
  if (child.exitCode === null) {
    child.kill();
    throw new CliError(
      "daemon-busy",
      `the daemon did not answer within ${READY_MS / 1000} s`,
      "'ccproxy logs' shows what it said",
    );
  }
  const code = child.exitCode === EXIT.ok ? "daemon-failed" : (codeOf(child.exitCode) ?? "daemon-failed");
  throw new CliError(code, "the daemon ended at once", "what it said stands above, and in 'ccproxy logs'");
}

/** The daemon's own failure, as far as its exit code tells. */
const codeOf = (exitCode: number): ErrorCode | undefined =>
  exitCode === EXIT.failure || exitCode === EXIT.usage
    ? undefined
    : (Object.keys(ERRORS) as ErrorCode[]).find((code) => ERRORS[code].exit === exitCode);

/** None where the configuration cannot be used: the daemon says so itself. */
function findKeyNames(args: CommonArgs, { io }: Invocation): Promise<string[]> {
  const silent: Invocation["io"] = { ...io, env: io.env, stderr: () => undefined };
  const invocation = { io: silent } as Invocation;
  return withStorage(args, invocation, async ({ config }) => listKeyNames(config.current)).catch(() => []);
}

function spawnServe(
  args: AddressFlags,
  { io }: Invocation,
  home: Home & { keyNames: readonly string[] },
): ChildProcess {
  const [program = "", ...before] = io.program;
  const log = openSync(home.logFile, "a", 0o600);
  try {
    // One that was there before may be readable by others.
    if (process.platform !== "win32") fchmodSync(log, 0o600);
    // Its own folder as current one, so that no other can be held or looked into.
    return spawn(program, [...before, "serve", "--config", home.configFile, ...toFlags(args)], {
      cwd: home.dir,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
      env: { ...toDaemonEnv(io.env, home.keyNames), CCPROXY_HOME: home.dir },
    });
  } finally {
    closeSync(log);
  }
}

async function waitUntilReady(child: ChildProcess, home: Home): Promise<Daemon | undefined> {
  let hasEnded = false;
  child.once("exit", () => (hasEnded = true));
  child.once("error", () => (hasEnded = true));
  const deadline = Date.now() + READY_MS;
  while (!hasEnded && Date.now() < deadline) {
    const daemon = await readDaemon(home.pidFile);
    if (daemon && daemon.pid === child.pid && (await askHealth(daemon.url))?.pid === child.pid) return daemon;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return undefined;
}

const READY_MS = 15_000;
