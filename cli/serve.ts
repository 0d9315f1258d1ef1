import { constants } from "node:os";
import { openStorage } from "../storage/index.ts";
import type { Storage } from "../storage/types.ts";
import type { Comforts } from "../server/listen.ts";
import { startServer } from "../server/serve.ts";
import { VERSION } from "../server/version.ts";
import { announce } from "./announce.ts";
import { addressArgs, findAddress, findWorkers, toFlags, type AddressFlags } from "./address.ts";
import { batchLines } from "./batch-lines.ts";
import { command } from "./command.ts";
import { removeDaemon, writeDaemon } from "./daemon.ts";
import { CliError, EXIT, type ExitCode } from "./exit-code.ts";
import { findHome, type Home } from "./home.ts";
import type { Io } from "./io.ts";
import { createLogRotation } from "./rotate-log.ts";

export default command({
  args: {
    ...addressArgs,
    https: {
      type: "boolean",
      description: "Serve https; without --cert, with a certificate made on the spot.",
    },
    cert: { type: "string", valueHint: "file", description: "Certificate for https, PEM." },
    "cert-key": { type: "string", valueHint: "file", description: "Its private key, PEM." },
    qr: { type: "boolean", description: "Print a QR code of the address." },
    open: { type: "boolean", description: "Open the address in a browser." },
  },
  examples: [
    "ccproxy serve",
    "ccproxy serve --port 8080",
    "ccproxy serve --https --qr",
    "CCPROXY_HOME=/srv/ccproxy ccproxy serve --host 0.0.0.0",
  ],
  output: "none",
  async run(args, { io }) {
    const home = findHome(io, args);
    if (io.env[WORKER] !== undefined) return serveAsWorker(args, io, home);
    const storage = await openStorage(home.dir, { configFile: home.configFile, env: io.env });
    const stopReports = reportChanges(storage, io);
    try {
      const address = findAddress(args, io, storage.config.current);
      const comforts = toComforts(args);
      const workers = findWorkers(args, io, storage.config.current);
      if (workers > 1 && comforts) throw oneProcessOnly();
      const rotate = createLogRotation(home.logFile, STDERR);
      const log = batchLines((lines) => {
        io.stderr(lines);
        rotate?.(lines.length);
      });
      const server = await (io.startServer ?? startServer)({
        storage,
        ...address,
        onLog: log.add,
        logDelayMs: 20,
        onTalk: (line) => io.stderr(`${line}\n`),
        workers,
        ...(comforts && { comforts }),
        ...(args["dangerously-listen-without-key"] && { dangerouslyOpen: true }),
      });
      warn(args, address.host, storage, io);
      const ended = waitForSignal(io, log.flush);
      await writeDaemon(home.pidFile, {
        url: server.url,
        version: VERSION,
        startedAt: new Date().toISOString(),
        flags: toFlags(args),
      }).catch((error: Error) => io.stderr(`warning: ${home.pidFile}: ${error.message}\n`));
      announce(server.url, { host: address.host, storage, io });
      try {
        await ended;
        io.stderr("ending; a second signal ends at once\n");
        await server.close();
      } finally {
        log.flush();
        await removeDaemon(home.pidFile, process.pid);
      }
    } finally {
      stopReports();
      await storage.close();
    }
    return EXIT.ok;
  },
});

/** One of the processes of a daemon that runs in several: it does as the first one says, and ends when that does. */
async function serveAsWorker(flags: AddressFlags, io: Io, home: Home): Promise<ExitCode> {
  const stop = io.onSignal(() => undefined);
  const storage = await openStorage(home.dir, { configFile: home.configFile, env: io.env });
  try {
    const { runWorker } = await import("../server/workers/run-worker.ts");
    const { host } = findAddress(flags, io, storage.config.current);
    const dangerouslyOpen = flags["dangerously-listen-without-key"] === true;
    await runWorker({ storage, host, dangerouslyOpen });
    process.disconnect?.();
    return EXIT.ok;
  } catch {
    // The first process has been told why, and says it.
    io.exit(EXIT.failure);
    return EXIT.failure;
  } finally {
    stop();
    await storage.close();
  }
}

const oneProcessOnly = (): CliError =>
  new CliError(
    "conflicting-flags",
    "--https, --cert, --qr and --open are for a daemon of one process",
    "leave them out, or say --workers 1",
  );

/** What is wanted beyond a plain port; undefined: nothing, so that nothing is loaded for it. */
function toComforts(args: ComfortFlags): Comforts | undefined {
  const { https, cert, qr, open } = args;
  const key = args["cert-key"];
  if ((cert === undefined) !== (key === undefined))
    throw new CliError("conflicting-flags", "--cert and --cert-key go together", "give both, or neither");
  if (!https && cert === undefined && !qr && !open) return undefined;
  const secure = cert !== undefined && key !== undefined ? { cert, key } : https === true;
  return { https: secure, qr: qr === true, open: open === true };
}

interface ComfortFlags {
  https?: boolean;
  cert?: string;
  "cert-key"?: string;
  qr?: boolean;
  open?: boolean;
}

/** What must not be overlooked. */
function warn(flags: AddressFlags, host: string, { config }: Storage, io: Io): void {
  const alarm = io.alarm ?? ((line: string): void => io.stderr(`${line}\n`));
  const keyless = Object.keys(config.current.keys).length === 0;
  if (flags["dangerously-listen-without-key"] && keyless)
    alarm(`DANGER: whoever reaches ${host} uses your provider keys; nobody is asked for a client key`);
  if (io.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    alarm(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: providers' certificates are always verified; name an authority of your own in the provider's caFile",
    );
}

/** Says what becomes of edits of the configuration while the daemon runs. */
function reportChanges({ config }: Storage, io: Io): () => void {
  const report = (): void => {
    const { problem, file } = config;
    if (!problem) return io.stderr(`${file}: taken over\n`);
    io.stderr(
      `${file}${problem.line ? `:${problem.line}` : ""}: ${problem.message}; what was in force stays\n`,
    );
  };
  if (config.problem) report();
  return config.onChange(report);
}

/** Resolves at the first signal to end; the second one ends the process. */
function waitForSignal(io: Io, beforeExit: () => void): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false;
    io.onSignal((signal) => {
      if (isEnding) {
        beforeExit();
        io.exit(128 + (constants.signals[signal] ?? 0));
      }
      isEnding = true;
      resolve();
    });
  });
}

/** Where the program that started us in the background lets us write. */
const STDERR = 2;

/** Set for the processes that the first one starts. */
const WORKER = "CCPROXY_WORKER";
