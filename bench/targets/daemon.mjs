import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequest } from "../requests.mjs";
import { MODEL } from "../wire.mjs";
import { findFreePort, startProcess } from "./start-process.mjs";

/**
 * The daemon as users run it: the built program, a client key that every request carries, groups and aliases, usage and
 * the request log on, the log going to a file. The model's name is not the alias that clients ask for.
 */
export async function startDaemon({ provider, pins, config = createConfig(provider.url), nodeArgs = [] }) {
  const home = makeHome(config);
  const key = addKey(home);
  const port = await findFreePort();
  const log = openSync(join(home, "ccproxy.log"), "a", 0o600);
  const command = [process.execPath, ...nodeArgs, CLI, "serve", "--port", String(port)];
  const env = { CCPROXY_HOME: home };
  const remove = () => rmSync(home, { recursive: true, force: true });
  try {
    const { address, pid, child, stop } = await startProcess(command, {
      pin: pins?.server,
      env,
      log,
      port,
      health: "/health",
    });
    return {
      name: "ccproxy",
      address,
      pid,
      child,
      home,
      key,
      stop() {
        stop();
        remove();
      },
      request: ({ client, provider: spoken, kind, stream, compat, askWhole }) => ({
        protocol: client,
        ...createRequest(client, {
          kind,
          stream,
          key,
          model: ALIAS,
          prefix: `/${spoken}${askWhole ? WHOLE : ""}${compat ? "/compat_mode" : ""}`,
        }),
      }),
    };
  } catch (error) {
    const said = readFileSync(join(home, "ccproxy.log"), "utf8").slice(-1000);
    remove();
    throw new Error(`the daemon did not start: ${error.message}\n${said}`, { cause: error });
  } finally {
    closeSync(log);
  }
}

/** One provider and one group for each protocol, and others that are asked for whole answers where the client wants one. */
export function createConfig(url) {
  const providers = {};
  const groups = {};
  for (const [protocol, path] of Object.entries(BASE_PATHS)) {
    for (const [id, askWhole] of [
      [protocol, false],
      [protocol + WHOLE, true],
    ]) {
      providers[id] = { protocol, baseUrl: url + path, keys: ["sk-test"], ...(askWhole && { askWhole }) };
      groups[id] = { models: { [ALIAS]: `${id}/${MODEL}`, "*": `${id}/*` } };
    }
  }
  return { providers, groups };
}

/** A home of its own, with this configuration. */
export function makeHome(config) {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build`);
  const home = mkdtempSync(join(tmpdir(), "ccproxy-bench-"));
  writeFileSync(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  return home;
}

export function addKey(home) {
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, "key", "add", "bench", "--json"], {
    env: { ...process.env, CCPROXY_HOME: home },
    encoding: "utf8",
  });
  try {
    return JSON.parse(stdout).key;
  } catch {
    throw new Error(`no client key could be made: ${stderr}`);
  }
}

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
export const ALIAS = "bench";
const WHOLE = "-whole";
const BASE_PATHS = { openai: "/v1", claude: "", gemini: "", ollama: "" };
