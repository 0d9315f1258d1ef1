import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createRequest } from "../requests.mjs";
import { MODEL } from "../wire.mjs";
import { findFreePort, startProcess } from "./start-process.mjs";

/**
 * Other gateways, each installed once, outside the project. One that cannot be had, or does not start, is left out with
 * a notice. Returns those that run.
 */
export async function startPeers({ provider, pins, notice }) {
  const peers = [];
  for (const peer of PEERS) {
    try {
      const folder = install(peer);
      const port = await findFreePort();
      const { command, env } = peer.prepare({ folder, port, provider });
      const started = await startProcess(command, {
        pin: pins?.server,
        env,
        cwd: folder,
        port,
        health: peer.health,
      });
      peers.push({
        name: peer.name,
        version: peer.version,
        serves: peer.serves,
        request: peer.request(provider),
        ...started,
      });
    } catch (error) {
      notice(`${peer.name} is left out: ${error.message}`);
    }
  }
  return peers;
}

const portkey = {
  name: "portkey",
  package: "@portkey-ai/gateway",
  version: "1.15.2",
  // With newer ones its streams end in 500 on Node 20.
  overrides: { "@hono/node-server": "1.13.8" },
  health: "/",
  serves: ({ client, provider, compat }) => client === "openai" && provider === "openai" && !compat,
  prepare: ({ folder, port }) => ({
    command: [
      process.execPath,
      join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js"),
      "--headless",
      `--port=${port}`,
    ],
    env: { PORT: String(port), TRUSTED_CUSTOM_HOSTS: "localhost,127.0.0.1" },
  }),
  request:
    ({ url }) =>
    ({ kind, stream }) => {
      const request = createRequest("openai", { kind, stream, key: "sk-test" });
      const route = { "x-portkey-provider": "openai", "x-portkey-custom-host": `${url}/v1` };
      return { protocol: "openai", ...request, headers: { ...request.headers, ...route } };
    },
};

const claudeCodeRouter = (name, version) => ({
  name,
  package: "@musistudio/claude-code-router",
  version,
  health: "/health",
  serves: ({ client, provider, compat }) => client === "claude" && provider === "openai" && !compat,
  prepare({ folder, port, provider }) {
    const settings = join(folder, "home", ".claude-code-router");
    mkdirSync(settings, { recursive: true });
    const config = {
      PORT: port,
      HOST: "127.0.0.1",
      LOG: false,
      NON_INTERACTIVE_MODE: true,
      Providers: [
        {
          name: "bench",
          api_base_url: `${provider.url}/v1/chat/completions`,
          api_key: "sk-test",
          models: [MODEL],
        },
      ],
      Router: { default: `bench,${MODEL}` },
    };
    // Of one that was killed.
    rmSync(join(settings, ".claude-code-router.pid"), { force: true });
    writeFileSync(join(settings, "config.json"), JSON.stringify(config));
    return {
      command: [
        process.execPath,
        join(folder, "node_modules/@musistudio/claude-code-router/dist/cli.js"),
        "start",
      ],
      env: { HOME: join(folder, "home"), SERVICE_PORT: String(port) },
    };
  },
  request:
    () =>
    ({ kind, stream }) => ({
      protocol: "claude",
      ...createRequest("claude", { kind, stream, key: "sk-test" }),
    }),
});

const PEERS = [portkey, claudeCodeRouter("ccr-1", "1.0.73"), claudeCodeRouter("ccr-2", "2.0.0")];

/** The folder of a peer, with its package in it. */
function install({ name, package: packageName, version, overrides }) {
  const folder = join(CACHE, `${name}-${version}`);
  if (existsSync(join(folder, "node_modules", packageName))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, overrides }));
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", `${packageName}@${version}`];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8", timeout: 180_000 });
  if (status !== 0)
    throw new Error(`npm could not install it (${stderr?.trim().split("\n")[0] ?? "no npm"})`);
  return folder;
}

const CACHE =
  process.env["CCPROXY_BENCH_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ccproxy-bench");
