// Runs the real agents through `ccproxy launch`, native and in compat mode, against a scripted provider: each has to
// write a file by a tool call and to repeat a word it is only told after that. By hand, with the client kit:
//   node scripts/try-agents.mjs ../shared/clients            all of them
//   node scripts/try-agents.mjs ../shared/clients codex qwen  some
// The kit's install.sh fetches the agents; where the system allows it, all runs in a network of its own.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const [kit, ...wanted] = process.argv.slice(2);
if (!kit || !existsSync(join(kit, "mock.mjs"))) {
  console.error("usage: node scripts/try-agents.mjs <client kit> [agent…]");
  process.exit(2);
}

/** What each agent has to be told so that it works without asking anybody. */
const AGENTS = {
  claude: (prompt) => ["-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Write,Bash"],
  codex: (prompt) => ["exec", "--skip-git-repo-check", "-s", "danger-full-access", prompt],
  gemini: (prompt) => ["-p", prompt, "--yolo"],
  opencode: (prompt) => ["run", prompt],
  qwen: (prompt) => ["-p", prompt, "--yolo"],
};

if (!process.env.TRY_AGENTS_INSIDE && spawnSync("unshare", ["-n", "true"]).status === 0) {
  // With a loopback interface and nothing else: no agent can reach its maker.
  const script = 'ip link set lo up; exec "$@"';
  const args = ["-n", "sh", "-c", script, "sh", process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, TRY_AGENTS_INSIDE: "1" };
  process.exit(spawnSync("unshare", args, { stdio: "inherit", env }).status ?? 1);
}

const clients = process.env.CCPROXY_CLIENTS ?? join(process.env.TMPDIR ?? "/tmp", "ccproxy-clients");
const node = join(clients, "node24/node_modules/node/bin");
const home = mkdtempSync(join(tmpdir(), "ccproxy-try-"));
const work = join(home, "work");
mkdirSync(work);
const [upstream, port] = [await freePort(), await freePort()];
const env = {
  PATH: [
    ...Object.keys(AGENTS).map((name) => join(clients, name, "node_modules/.bin")),
    node,
    process.env.PATH,
  ].join(delimiter),
  HOME: home,
  CCPROXY_HOME: join(home, ".ccproxy"),
  CCPROXY_PORT: String(port),
  CI: "1",
  NO_COLOR: "1",
  TERM: "dumb",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  GEMINI_CLI_TRUST_WORKSPACE: "true",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
};
mkdirSync(env.CCPROXY_HOME, { mode: 0o700 });
const provider = {
  protocol: "openai",
  baseUrl: `http://127.0.0.1:${upstream}/v1`,
  keys: ["sk-test"],
  // The scripted provider refuses tools for models of the second kind.
  models: ["mock-model", "text-model"],
};
const config = { providers: { up: provider }, groups: { default: { models: { "*": ["up/*"] } } } };
writeFileSync(join(env.CCPROXY_HOME, "config.json"), JSON.stringify(config), { mode: 0o600 });

const mock = spawn(process.execPath, [join(resolve(kit), "mock.mjs")], {
  env: { ...env, PORT: String(upstream), LOG: join(home, "requests.jsonl") },
  stdio: "ignore",
});
let failed = 0;
try {
  for (const mode of ["native", "compat"])
    for (const name of Object.keys(AGENTS).filter((one) => wanted.length === 0 || wanted.includes(one))) {
      const started = Date.now();
      const problem = await tryAgent(name, mode);
      if (problem) failed++;
      console.log(`${problem ? "FAIL" : "PASS"} ${name} ${mode} ${Date.now() - started} ms${problem ?? ""}`);
    }
} finally {
  spawnSync(process.execPath, [PROGRAM, "stop"], { env, stdio: "ignore" });
  mock.kill();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failed === 0 ? 0 : 1);

async function tryAgent(name, mode) {
  const nonce = `n${randomInt(1e9)}`;
  const file = join(work, `${name}-${mode}.txt`);
  const prompt = `Create the file FILE=${file} whose whole content is the word after TEXT=hello-${nonce} and nothing else. Use one tool call. Afterwards reply with the final text. NONCE=${nonce}`;
  const flags = mode === "compat" ? ["--model", "text-model", "--compat"] : ["--model", "mock-model"];
  const argv = [PROGRAM, "launch", name, ...flags, "--", ...AGENTS[name](prompt)];
  const { status, output } = await run(argv);
  const word = `ROUNDTRIP-OK ${createHash("md5").update(nonce).digest("hex").slice(0, 8)}`;
  const problems = [];
  if (status !== 0) problems.push(`exit ${status}`);
  if (!existsSync(file) || readFileSync(file, "utf8").trim() !== `hello-${nonce}`) problems.push("no file");
  if (!output.replaceAll("\n", " ").includes(word)) problems.push("no final word");
  return problems.length === 0 ? undefined : `: ${problems.join(", ")}\n${output.slice(-2000)}`;
}

function run(argv) {
  return new Promise((done) => {
    const child = spawn(process.execPath, argv, { cwd: work, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = setTimeout(() => child.kill(), 120_000);
    child.once("close", (status) => {
      clearTimeout(timer);
      done({ status, output });
    });
  });
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
