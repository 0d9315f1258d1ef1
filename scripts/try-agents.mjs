// Runs the real agents through `ccproxy launch`, native and in compat mode, against a scripted provider: each has to
// write a file by a tool call and to repeat a word it is only told after that. By hand, with the client kit:
//   node scripts/try-agents.mjs ../shared/clients            all of them
//   node scripts/try-agents.mjs ../shared/clients codex qwen  some
// With --setup they are set up, started plainly, and restored: natively in an empty home, in compat mode in one that has
// settings already. Afterwards the settings have to be, to the byte, what they were.
// The kit's install.sh fetches the agents; where the system allows it, all runs in a network of its own.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const words = process.argv.slice(2);
const isSetup = words.includes("--setup");
const [kit, ...wanted] = words.filter((word) => word !== "--setup");
if (!kit || !existsSync(join(kit, "mock.mjs"))) {
  console.error("usage: node scripts/try-agents.mjs <client kit> [--setup] [agent…]");
  process.exit(2);
}

/**
 * `args`: what each agent has to be told so that it works without asking anybody. `plain`: words that its page says
 * belong before them once it is set up. `had`: settings a user might have, by their path in the home folder. `adds`: a
 * whole settings file as the agent makes it by itself when it finds none.
 */
const AGENTS = {
  claude: {
    args: (prompt) => ["-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Write,Bash"],
    had: {
      ".claude/settings.json":
        '{\n\t"env": { "ANTHROPIC_MODEL": "claude-opus-4-6", "MINE": "1" },\n\t"includeCoAuthoredBy": false\n}',
    },
  },
  codex: {
    args: (prompt) => ["exec", "--skip-git-repo-check", "-s", "danger-full-access", prompt],
    plain: ["--profile", "ccproxy"],
    had: {
      ".codex/config.toml":
        '# mine\nmodel = "gpt-5.5"\nmodel_provider = "openai"\n\n[tui]\nnotifications = true\n',
      ".codex/ccproxy.config.toml": '# kept\nmodel   = "gpt-5.5" # for now\n',
    },
  },
  gemini: {
    args: (prompt) => ["-p", prompt, "--yolo"],
    had: {
      ".gemini/settings.json":
        '{\r\n  // signed in by browser\r\n  "security": { "auth": { "selectedType": "oauth-personal" } },\r\n  "ui": { "hideTips": true }\r\n}\r\n',
      ".gemini/.env": "# mine\nGEMINI_API_KEY='sk-test-mine'\nMINE=1\n",
    },
  },
  opencode: {
    args: (prompt) => ["run", prompt],
    had: {
      ".config/opencode/opencode.jsonc":
        '{\n  // mine\n  "model": "anthropic/claude-sonnet-4-5",\n  "autoupdate": false,\n}\n',
    },
  },
  qwen: {
    args: (prompt) => ["-p", prompt, "--yolo"],
    adds: /^\{\s*"\$version": \d+\s*\}\s*$/,
    had: {
      ".qwen/settings.json":
        '{\n    "$version": 4,\n    "security": { "auth": { "selectedType": "qwen-oauth" } },\n    "ui": { "hideTips": true }\n}\n',
      ".qwen/.env": "OPENAI_API_KEY=sk-test-mine\n",
    },
  },
  cline: {
    args: (prompt) => ["--auto-approve", "true", prompt],
    needsSetup: true,
    had: {
      ".cline/data/settings/providers.json": `${JSON.stringify(
        {
          version: 1,
          lastUsedProvider: "ollama",
          modes: {},
          providers: {
            ollama: {
              settings: { provider: "ollama", model: "small", baseUrl: "http://127.0.0.1:1" },
              updatedAt: "2026-01-01T00:00:00.000Z",
              tokenSource: "manual",
            },
          },
        },
        undefined,
        2,
      )}\n`,
    },
  },
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
  // Else it leaves a process behind.
  CLINE_SESSION_BACKEND_MODE: "local",
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
  // An agent that is started plainly starts no daemon.
  if (isSetup) spawnSync(process.execPath, [PROGRAM, "start"], { env, stdio: "ignore" });
  for (const mode of ["native", "compat"])
    for (const name of Object.keys(AGENTS).filter((one) => wanted.length === 0 || wanted.includes(one))) {
      const started = Date.now();
      const problem = await (isSetup ? trySetup : tryLaunch)(name, mode);
      if (problem) failed++;
      console.log(
        `${problem ? "FAIL" : "PASS"} ${isSetup ? "setup" : "launch"} ${name} ${mode} ${Date.now() - started} ms${problem ?? ""}`,
      );
    }
} finally {
  spawnSync(process.execPath, [PROGRAM, "stop"], { env, stdio: "ignore" });
  mock.kill();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failed === 0 ? 0 : 1);

async function tryLaunch(name, mode) {
  const task = makeTask(name, mode);
  if (AGENTS[name].needsSetup) await run(process.execPath, [PROGRAM, "setup", name, ...toFlags(mode)]);
  const words = [PROGRAM, "launch", name, ...toFlags(mode), "--", ...AGENTS[name].args(task.prompt)];
  const result = await run(process.execPath, words);
  return toReport(task.check(result), result.output);
}

async function trySetup(name, mode) {
  const own = { HOME: join(home, `${name}-${mode}`) };
  mkdirSync(own.HOME);
  const { args, plain = [], had, adds } = AGENTS[name];
  for (const [path, text] of Object.entries(mode === "compat" ? had : {})) {
    mkdirSync(join(own.HOME, path, ".."), { recursive: true });
    writeFileSync(join(own.HOME, path), text);
  }
  const before = readTree(own.HOME);
  const task = makeTask(name, mode);
  const setup = await run(process.execPath, [PROGRAM, "setup", name, ...toFlags(mode), "--json"], own);
  const set = setup.status === 0 ? JSON.parse(setup.stdout)[0].files.map(({ path }) => path) : [];
  const problems = set.length === 0 ? [`setup: exit ${setup.status}, ${set.length} files`] : [];
  const result = await run(name, [...plain, ...args(task.prompt)], own);
  problems.push(...task.check(result));
  const restore = await run(process.execPath, [PROGRAM, "restore", name], own);
  if (restore.status !== 0) problems.push(`restore: exit ${restore.status}`);
  // An agent keeps history and caches of its own in its home: only what was there, or was set, has to be as it was.
  const after = readTree(own.HOME);
  for (const path of new Set([...Object.keys(before), ...set]))
    if (before[path] !== after[path] && !(before[path] === undefined && adds?.test(after[path] ?? "")))
      problems.push(
        `${path} is not as it was:\n${before[path] ?? "(none)"}\n---\n${after[path] ?? "(none)"}\n`,
      );
  return toReport(problems, setup.output + result.output + restore.output);
}

function toFlags(mode) {
  return mode === "compat" ? ["--model", "text-model", "--compat"] : ["--model", "mock-model"];
}

/** Something to do, and what there is to say about how it was done. */
function makeTask(name, mode) {
  const nonce = `n${randomInt(1e9)}`;
  const file = join(work, `${name}-${mode}.txt`);
  const word = `ROUNDTRIP-OK ${createHash("md5").update(nonce).digest("hex").slice(0, 8)}`;
  return {
    prompt: `Create the file FILE=${file} whose whole content is the word after TEXT=hello-${nonce} and nothing else. Use one tool call. Afterwards reply with the final text. NONCE=${nonce}`,
    check({ status, output }) {
      const isWritten = existsSync(file) && readFileSync(file, "utf8").trim() === `hello-${nonce}`;
      return [
        ...(status === 0 ? [] : [`exit ${status}`]),
        ...(isWritten ? [] : ["no file"]),
        ...(output.replaceAll("\n", " ").includes(word) ? [] : ["no final word"]),
      ];
    },
  };
}

function toReport(problems, output) {
  return problems.length === 0 ? undefined : `: ${problems.join(", ")}\n${output.slice(-2000)}`;
}

/** Every file below a folder by its path, byte by byte. */
function readTree(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "latin1")]));
}

function run(program, argv, own = {}) {
  return new Promise((done) => {
    const child = spawn(program, argv, {
      cwd: work,
      env: { ...env, ...own },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, output] = ["", ""];
    child.stdout.on("data", (chunk) => ((stdout += chunk), (output += chunk)));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => (output += error.message));
    const timer = setTimeout(() => child.kill(), 120_000);
    child.once("close", (status) => {
      clearTimeout(timer);
      done({ status, stdout, output });
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
