import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followFile } from "../../cli/follow-file.ts";
import { createLogRotation } from "../../cli/rotate-log.ts";
import { writeLogLine } from "../../cli/write-log-line.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
let log: string;
let written = "";
let onOutput: () => void = () => undefined;
let end: () => void = () => undefined;
beforeEach(() => {
  written = "";
  cli = createTestCli({
    stdout: (text) => {
      written += text;
      onOutput();
    },
    onSignal: (handler) => {
      end = () => handler("SIGINT");
      return () => undefined;
    },
  });
  mkdirSync(cli.home);
  log = join(cli.home, "ccproxy.log");
});
afterEach(() => cli.remove());

const whenWritten = (text: string): Promise<void> =>
  new Promise((resolve) => {
    onOutput = () => {
      if (written.includes(text)) resolve();
    };
    onOutput();
  });
const entry = (more: object = {}): string =>
  JSON.stringify({
    time: "2030-01-31T11:22:33.444Z",
    method: "POST",
    path: "/v1/messages",
    status: 200,
    ms: 1234,
    protocol: "claude",
    group: "default",
    model: "sonnet",
    target: "p/m",
    firstMs: 340,
    inputTokens: 12,
    outputTokens: 3,
    finish: "stop",
    ...more,
  });

describe("logs", () => {
  it("shows lines as they are to programs, and entries alone with --json", async () => {
    writeFileSync(log, `${entry()}\nccproxy listens\n${entry({ status: 502 })}\nhalf a li`);
    await cli.run("logs");
    expect(written).toBe(`${entry()}\nccproxy listens\n${entry({ status: 502 })}\n`);
    written = "";
    await cli.run("logs", "--json", "--lines", "2");
    expect(written).toBe(`${entry({ status: 502 })}\n`);
  });

  it("shows a person one short line each", async () => {
    cli.io.isOutTerminal = true;
    writeFileSync(log, `${entry({ attempts: 2, rule: "think" })}\nccproxy listens\n`);
    await cli.run("logs");
    expect(written).toBe(
      "11:22:33  200  claude  default@sonnet → p/m  by think  2 attempts  1.2 s  first 340 ms  12→3 tokens  stop\nccproxy listens\n",
    );
  });

  it("--failed leaves out what went well, and clients that went away", async () => {
    const failures = [entry({ status: 502, error: "upstream: broken" }), entry({ error: "cut off" })];
    writeFileSync(
      log,
      `${[entry(), ...failures, entry({ status: 499, error: "gone" }), "talk"].join("\n")}\n`,
    );
    const running = cli.run("logs", "--failed", "-f", "--lines", "2");
    await whenWritten(`${failures.join("\n")}\n`);
    appendFileSync(log, `${entry()}\n${entry({ status: 401 })}\n`);
    await whenWritten("401");
    end();
    await running;
    expect(written).toBe(`${[...failures, entry({ status: 401 })].join("\n")}\n`);
  });

  it("-f goes on with what is written, line by line, until a signal", async () => {
    writeFileSync(log, "first\nsec");
    const running = cli.run("logs", "-f");
    await whenWritten("first\n");
    appendFileSync(log, "ond\nthi");
    await whenWritten("second\n");
    appendFileSync(log, "rd\n");
    await whenWritten("third\n");
    end();
    expect((await running).code).toBe(130);
    expect(written).toBe("first\nsecond\nthird\n");
  });
});

describe("writeLogLine", () => {
  it("gives a terminal nothing to obey", () => {
    const line = writeLogLine(entry({ model: "\u001b[2Jx\ny", error: "upstream: \u009b31m" }));
    expect([...line].filter((char) => char < " " || (char >= "\u007f" && char <= "\u009f"))).toEqual([]);
    expect(line).toContain("[2Jx y");
    expect(writeLogLine("\u001b]0;title")).toBe(String.raw`\u001b]0;title`);
  });

  it("shows estimates as such, and what is no chat by its path", () => {
    expect(writeLogLine(entry({ estimated: true }))).toContain("~12→3 tokens");
    expect(writeLogLine('{"time":"2030-01-31T11:22:33Z","status":404,"path":"/x","ms":1}')).toBe(
      "11:22:33  404  /x  1 ms",
    );
    for (const odd of ["{", "{}", "null", '{"time":7}']) expect(writeLogLine(odd)).toBe(odd);
  });
});

describe("the daemon's log", () => {
  /** What the background daemon does: writes through a file that another program opened. */
  function openLog(rotation = { largest: 1000, keep: 3 }) {
    const file = openSync(log, "a", 0o600);
    const rotate = createLogRotation(log, file, rotation);
    return {
      write(line: string): void {
        writeSync(file, `${line}\n`);
        rotate?.(line.length + 1);
      },
      close: () => closeSync(file),
    };
  }
  const read = (path: string): string[] => readFileSync(path, "utf8").split("\n").filter(Boolean);

  it("is begun again when it is full, three older ones are kept, no line is lost, and nobody else may read them", () => {
    const { write, close } = openLog();
    for (let index = 0; index < 100; index++) write(`line ${index} ${"x".repeat(40)}`);
    close();
    const files = [`${log}.3`, `${log}.2`, `${log}.1`, log];
    const kept = files.flatMap(read).map((line) => Number(line.split(" ")[1]));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 100 - kept.length + index));
    expect(kept.length).toBeGreaterThan(60);
    for (const file of files) {
      expect(statSync(file).size).toBeLessThan(1100);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(existsSync(`${log}.4`)).toBe(false);
  });

  it("is left alone where the program writes elsewhere", () => {
    writeFileSync(log, "x".repeat(5000));
    const file = openSync(join(cli.home, "other"), "a");
    expect(createLogRotation(log, file, { largest: 10, keep: 1 })).toBeUndefined();
    closeSync(file);
  });

  it("is followed across its rotation: every line once, in order", async () => {
    const { write, close } = openLog();
    const follower = await followFile(log, 0);
    const seen: string[] = [];
    for (let index = 0; index < 100; index++) {
      write(`line ${index} ${"x".repeat(40)}`);
      if (index % 7 === 0) seen.push(...(await follower.read()));
    }
    seen.push(...(await follower.read()));
    close();
    expect(seen.map((line) => Number(line.split(" ")[1]))).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it("is followed when another file takes its place", async () => {
    writeFileSync(log, "a\n");
    const follower = await followFile(log, 0);
    expect(await follower.read()).toEqual(["a"]);
    appendFileSync(log, "b\n");
    renameSync(log, `${log}.1`);
    expect(await follower.read()).toEqual(["b"]);
    writeFileSync(log, "c\n");
    expect(await follower.read()).toEqual(["c"]);
  });
});
