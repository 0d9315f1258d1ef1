import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Io } from "../../cli/io.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(async () => {
  await cli.run("stop", "--force", "--timeout", "0");
  cli.remove();
});

describe("start, status, stop, restart", () => {
  it("run through a daemon's life", async () => {
    const started = await cli.json<{ url: string; pid: number }>("start", "--host", "127.0.0.1");
    expect(started).toMatchObject({ started: true });
    expect(await cli.json("start")).toEqual({ ...started, started: false });
    expect(await cli.run("start", "--port", "1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("already runs on") as string,
    });

    const status = await cli.run("status");
    expect(status.code).toBe(0);
    expect(status.out).toContain(`${started.url} (pid ${started.pid}, version 9.9.9, for 1 min)`);
    expect(status.out).toContain("/server/port: expected a number (line 3)");
    expect(status.out).toMatch(/\/qwen +claude-\*, small\n/);
    expect(await cli.json("status")).toMatchObject({
      running: true,
      url: started.url,
      activeGroup: "qwen",
      pid: started.pid,
    });

    const log = await cli.run("logs");
    expect(log.out).toContain(`"serve","--config","${join(cli.home, "config.json")}","--host","127.0.0.1"`);
    expect(log.out).toContain(`cwd ${cli.home}`);
    expect(statSync(join(cli.home, "ccproxy.log")).mode & 0o777).toBe(0o600);

    // It comes back with the flags it had.
    const again = await cli.json<{ pid: number }>("restart");
    expect(again.pid).not.toBe(started.pid);
    expect((await cli.run("logs", "--lines", "1")).out).toContain('"--host","127.0.0.1"');
    expect(await cli.json("stop")).toEqual({ stopped: true, pid: again.pid });
    expect(await cli.run("status", "--json")).toMatchObject({ code: 6, out: '{\n  "running": false\n}\n' });
    expect(await cli.run("stop")).toMatchObject({ code: 0, err: "not running\n" });
  });

  it("start says why the daemon ended, with its exit code", async () => {
    cli.env["CCPROXY_FAKE_FAILS"] = "3";
    const failed = await cli.run("start");
    expect(failed).toMatchObject({ code: 3, out: "" });
    expect(failed.err).toContain("is taken by an Ollama");
    cli.env["CCPROXY_FAKE_FAILS"] = "77";
    expect(await cli.run("restart")).toMatchObject({ code: 1 });
  });

  it("stop ends a daemon that does not end by itself only by force", async () => {
    cli.env["CCPROXY_FAKE_STUBBORN"] = "1";
    await cli.json("start");
    expect(await cli.run("stop", "--timeout", "0.1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("--force") as string,
    });
    expect(await cli.json("stop", "--timeout", "0.1", "--force")).toMatchObject({ stopped: true });
    expect(await cli.run("stop", "--timeout", "soon")).toMatchObject({ code: 2 });
  });

  it("stop never ends a process that only has the daemon's old number", async () => {
    mkdirSync(cli.home);
    const pidFile = join(cli.home, "ccproxy.pid");
    for (const start of ["00000000:1", undefined]) {
      writeFileSync(
        pidFile,
        JSON.stringify({ pid: process.ppid, start, url: "http://127.0.0.1:9", flags: [] }),
      );
      expect(await cli.run("stop")).toMatchObject({ code: 0, err: "not running\n" });
      expect(existsSync(pidFile)).toBe(false);
    }
  });

  it("status gives the admin token only to the daemon itself", async () => {
    await cli.json("start");
    const pidFile = join(cli.home, "ccproxy.pid");
    const record = JSON.parse(readFileSync(pidFile, "utf8")) as Record<string, unknown>;
    const asked: string[] = [];
    const stranger = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? ""}`);
      response.end(JSON.stringify({ status: "ok", pid: 1 }));
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    writeFileSync(pidFile, JSON.stringify({ ...record, url }));
    expect(await cli.run("status")).toMatchObject({ code: 6 });
    expect(asked).toEqual(["/health "]);
    stranger.close();

    writeFileSync(pidFile, JSON.stringify(record));
    writeFileSync(join(cli.home, "admin-token"), "x".repeat(40));
    expect(await cli.run("status")).toMatchObject({
      code: 5,
      err: expect.stringContaining("does not take the admin token") as string,
    });
  });

  it("status shows who rests and how targets do, and lets those who rest be asked again", async () => {
    await cli.json("start");
    const { out } = await cli.run("status");
    expect(out).toMatch(/RESTS +WHY +FOR\nlan#1 +refused +2 min\n/);
    expect(out).toContain("\nprocesses  21 (5 requests), 22 (2 requests)\n");
    expect(out).toMatch(/LIMITED +BY +FOR\nlan#2 +tokensPerDay +2 h\n/);
    expect(out).toMatch(/lan\/qwen +7 +1 +2 +1\.20\/2\.00\/3\.46 s/);
    expect(await cli.json("status", "--clear")).toEqual({ cleared: ["lan#1", "lan#2"] });
    expect(await cli.run("status", "--clear", "lan#2")).toMatchObject({ code: 0, out: "lan#2\n" });
    expect(await cli.run("status", "--clear", "elsewhere")).toMatchObject({ code: 1 });
    expect(await cli.run("status", "lan#2")).toMatchObject({ code: 2 });
  });

  it("logs says when there is none", async () => {
    expect(await cli.run("logs")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no log yet") as string,
    });
    expect((await cli.run("logs", "--path")).out).toBe(`${join(cli.home, "ccproxy.log")}\n`);
  });
});

describe("serve", () => {
  const served: { host: string; port: number }[] = [];
  const processes: unknown[] = [];
  let signal: (name: NodeJS.Signals) => void;
  let closed: number;
  let exits: number[];
  let startServer: NonNullable<Io["startServer"]>;

  beforeEach(() => {
    served.length = processes.length = 0;
    [closed, exits] = [0, []];
    startServer = async ({ host, port, workers }) => {
      served.push({ host, port });
      processes.push(workers);
      return {
        url: `http://${host}:${port}`,
        close: async () => {
          closed++;
        },
      };
    };
    cli.remove();
    cli = createTestCli({
      startServer: (options) => startServer(options),
      onSignal: (handler) => {
        signal = handler;
        return () => undefined;
      },
      exit: (code) => void exits.push(code),
    });
  });

  async function serveUntilSignal(...argv: string[]): ReturnType<TestCli["run"]> {
    const running = cli.run("serve", ...argv);
    while (!existsSync(join(cli.home, "ccproxy.pid"))) await new Promise((resolve) => setTimeout(resolve, 5));
    signal("SIGTERM");
    return running;
  }

  it("announces itself and the demo, keeps a PID file while it runs, and ends at a signal", async () => {
    const result = await serveUntilSignal("--port", "5001");
    expect(result).toMatchObject({ code: 0, out: "" });
    const lines = result.err.split("\n");
    expect(lines[0]).toMatch(/^ccproxy \d\S* listens on http:\/\/127\.0\.0\.1:5001$/);
    expect(lines[1]).toContain("curl http://127.0.0.1:5001/v1/chat/completions");
    expect(lines[2]).toContain("ccproxy init");
    expect(closed).toBe(1);
    expect(existsSync(join(cli.home, "ccproxy.pid"))).toBe(false);
  });

  it("listens where flag, CCPROXY_ variables, file and default say, in this order; HOST and PORT do not count", async () => {
    Object.assign(cli.env, { HOST: "0.0.0.0", PORT: "1", NODE_ENV: "production" });
    await serveUntilSignal();
    mkdirSync(cli.home, { recursive: true });
    writeFileSync(join(cli.home, "config.json"), '{"server":{"host":"127.0.0.2","port":5002}}');
    await serveUntilSignal();
    Object.assign(cli.env, { CCPROXY_HOST: "127.0.0.3", CCPROXY_PORT: "5003" });
    await serveUntilSignal();
    await serveUntilSignal("--host", "127.0.0.4", "--port", "5004");
    expect(served).toEqual([
      { host: "127.0.0.1", port: 11434 },
      { host: "127.0.0.2", port: 5002 },
      { host: "127.0.0.3", port: 5003 },
      { host: "127.0.0.4", port: 5004 },
    ]);
  });

  it("answers with as many processes as flag, CCPROXY_WORKERS, file and default say", async () => {
    await serveUntilSignal();
    mkdirSync(cli.home, { recursive: true });
    writeFileSync(join(cli.home, "config.json"), '{"server":{"workers":2}}');
    await serveUntilSignal();
    cli.env["CCPROXY_WORKERS"] = "3";
    await serveUntilSignal();
    await serveUntilSignal("--workers", "4");
    expect(processes).toEqual([1, 2, 3, 4]);
    for (const count of ["0", "65", "many"])
      expect(await cli.run("serve", "--workers", count)).toMatchObject({ code: 2 });
    expect(await cli.run("serve", "--qr")).toMatchObject({
      code: 2,
      err: expect.stringContaining("one process") as string,
    });
    await cli.json("start", "--workers", "2");
    await cli.json("restart");
    expect((await cli.run("logs", "--lines", "1")).out).toContain('"--workers","2"');
  });

  it("a second signal ends at once", async () => {
    startServer = async ({ host, port }) => ({
      url: `http://${host}:${port}`,
      // Answers are still running: the second signal comes while they finish.
      close: async () => signal("SIGINT"),
    });
    await serveUntilSignal();
    expect(exits).toEqual([130]);
  });

  it.each([
    [{ code: "EADDRINUSE" }, 3],
    [{ code: "CONFIG_REFUSED" }, 4],
    [{}, 1],
  ])("fails with the right exit code: %j", async (fields, code) => {
    startServer = async () => {
      throw Object.assign(new Error("held by an Ollama"), fields);
    };
    expect(await cli.run("serve")).toMatchObject({
      code,
      err: expect.stringMatching(/^ccproxy: held by an Ollama\n {2}next: /) as string,
    });
    expect(await cli.run("serve", "--port", "70000")).toMatchObject({ code: 2 });
  });

  it("refuses to start with a wrong configuration", async () => {
    mkdirSync(cli.home);
    writeFileSync(join(cli.home, "config.json"), '{"keys": 1}');
    expect(await cli.run("serve")).toMatchObject({ code: 4 });
    expect(served).toEqual([]);
  });
});

describe("env", () => {
  it("points every agent at the daemon", async () => {
    const base = "http://127.0.0.1:11434";
    expect(await cli.json("env")).toEqual({
      ANTHROPIC_BASE_URL: base,
      ANTHROPIC_AUTH_TOKEN: "ccproxy",
      OPENAI_BASE_URL: `${base}/v1`,
      OPENAI_API_KEY: "ccproxy",
      GOOGLE_GEMINI_BASE_URL: base,
      GEMINI_API_KEY: "ccproxy",
      OLLAMA_HOST: base,
    });
  });

  it("knows groups, compat mode, keys and the address in force", async () => {
    await cli.run("group", "add", "qwen");
    Object.assign(cli.env, {
      CCPROXY_PORT: "5000",
      CCPROXY_HOST: "0.0.0.0",
      MY_KEY: "it's",
      ANTHROPIC_API_KEY: "real",
    });
    const sh = await cli.run("env", "--group", "QWEN", "--compat", "--key", "env:MY_KEY", "--shell", "sh");
    expect(sh.out.split("\n").slice(0, 3)).toEqual([
      "export ANTHROPIC_BASE_URL='http://127.0.0.1:5000/qwen/compat_mode'",
      "export ANTHROPIC_AUTH_TOKEN='it'\\''s'",
      "export OPENAI_BASE_URL='http://127.0.0.1:5000/qwen/compat_mode/v1'",
    ]);
    expect(sh.out).toContain("\nunset ANTHROPIC_API_KEY\n");
    expect((await cli.run("env", "--shell", "fish", "--key", "env:MY_KEY")).out).toContain(
      "set -gx OPENAI_API_KEY 'it\\'s'\n",
    );
    expect((await cli.run("env", "--shell", "powershell", "--key", "env:MY_KEY")).out).toContain(
      "$Env:OPENAI_API_KEY = 'it''s'\n",
    );
    expect((await cli.run("env", "--group", "switch")).out).toContain("/switch'");
  });

  it("says what is missing", async () => {
    await cli.run("key", "add", "x");
    expect((await cli.run("env")).err).toContain("give one with --key");
    expect(await cli.run("env", "--shell", "cmd")).toMatchObject({ code: 2 });
    expect(await cli.run("env", "--group", "nowhere")).toMatchObject({ code: 1 });
    expect(await cli.run("env", "--key", "env:NOT_SET")).toMatchObject({ code: 1 });
  });
});
