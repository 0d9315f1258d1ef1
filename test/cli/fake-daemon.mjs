// Stands in for `ccproxy serve` behind `start`: the same PID file and routes, and failures on demand.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const home = process.env.CCPROXY_HOME;
const args = process.argv.slice(2);
process.stderr.write(`args ${JSON.stringify(args)} cwd ${process.cwd()}\n`);
if (process.env.CCPROXY_FAKE_FAILS) {
  process.stderr.write("ccproxy: port 11434 on 127.0.0.1 is taken by an Ollama\n");
  process.exit(Number(process.env.CCPROXY_FAKE_FAILS));
}

const token = "cca_0123456789012345678901234567890123456789";
writeFileSync(join(home, "admin-token"), token, { mode: 0o600 });
const server = createServer((request, response) => {
  const send = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url === "/health") return send(200, { status: "ok", pid: process.pid, version: "9.9.9" });
  if (request.url === "/v1/chat/completions")
    return send(200, {
      choices: [{ message: { role: "assistant", content: "Hello from your own machine!" } }],
    });
  if (request.headers.authorization !== `Bearer ${token}`) return send(401, {});
  if (request.method === "DELETE" && request.url.startsWith("/admin/cooldowns")) {
    const name = new URL(request.url, "http://host").searchParams.get("key");
    return send(200, { ok: true, cleared: ["lan#1", "lan#2"].filter((known) => !name || known === name) });
  }
  return send(200, {
    version: "9.9.9",
    pid: process.pid,
    uptimeMs: 61_000,
    workers: [
      { pid: 21, requests: 5 },
      { pid: 22, requests: 2 },
    ],
    activeGroup: "qwen",
    groups: [{ name: "qwen", aliases: ["claude-*", "small"] }],
    providers: [{ id: "lan", protocol: "ollama", missingKeys: ["env:KEY", "env:OTHER"] }],
    cooling: [{ name: "lan#1", reason: "refused", remainingMs: 125_000 }],
    limited: [{ name: "lan#2", limit: "tokensPerDay", remainingMs: 7_300_000 }],
    targets: [
      {
        target: "lan/qwen",
        requests: 7,
        errors: 1,
        failures: 2,
        firstMs: { p50: 1200, p95: 2000, p99: 3456 },
        totalMs: { p50: null, p95: null, p99: null },
      },
    ],
    configProblem: { message: "/server/port: expected a number", pointer: "/server/port", line: 3 },
  });
});
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const flags = ["--host", "--workers"].flatMap((flag) =>
    args.includes(flag) ? [flag, args[args.indexOf(flag) + 1]] : [],
  );
  const stat = readStat();
  writeFileSync(
    join(home, "ccproxy.pid"),
    JSON.stringify({ pid: process.pid, start: stat, url, version: "9.9.9", flags }),
  );
});
process.on("SIGTERM", () => {
  if (process.env.CCPROXY_FAKE_STUBBORN) return;
  rmSync(join(home, "ccproxy.pid"), { force: true });
  process.exit(0);
});
// A test that dies leaves nothing behind for long.
setTimeout(() => process.exit(0), 30_000);

function readStat() {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().slice(0, 8);
    return `${boot}:${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return undefined;
  }
}
