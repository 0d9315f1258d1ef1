import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { printable } from "../../../cli/printable.ts";
import { processStart } from "../../../storage/process-start.ts";
import { createTestCli, type TestCli } from "../../cli/test-io.ts";

/** What a terminal may not be told by strangers: everything that is no letter. */
const CONTROL = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** 100 payloads: titles, colours, clipboards, links, keys to be typed, erased lines, turned text. */
const PAYLOADS = [
  "\u001b]0;title\u0007",
  "\u001b]52;c;ZXZpbA==\u0007",
  "\u001b[31mred",
  "\u001b[2J",
  "\u001b[1A\u001b[2K",
  "\u001b]8;;http://evil\u001b\\x\u001b]8;;\u001b\\",
  "\u001b[6n",
  "\u001bc",
  "\u001b[?1049h",
  '\u001bP$q"p\u001b\\',
  "\u009b31m",
  "\u009d0;t\u009c",
  "\u0090x\u009c",
  "\r overwritten",
  "\b\b\b",
  "\u007f",
  "\u0000",
  "\u0007",
  "\u000b",
  "\u000c",
  "\u202egnp.exe",
  "\u2066x\u2069",
  "\u200fx",
  "\u2028x",
  "\u0085x",
].flatMap((payload) => [payload, `${payload}text`, `text${payload}`, payload + payload]);

let cli: TestCli;
let server: Server | undefined;
beforeEach(() => {
  cli = createTestCli();
  mkdirSync(cli.home, { mode: 0o700 });
});
afterEach(() => {
  server?.close();
  server = undefined;
  cli.remove();
});

const write = (config: unknown): void =>
  writeFileSync(join(cli.home, "config.json"), JSON.stringify(config), { mode: 0o600 });

it("S5: no control character of a name, a file, a log or a daemon's answer reaches the terminal", async () => {
  expect(PAYLOADS).toHaveLength(100);
  server = createServer((request, response) => {
    const payload = decodeURIComponent(current);
    const health = { status: "ok", pid: process.pid, version: payload };
    const status = {
      version: payload,
      pid: process.pid,
      activeGroup: payload,
      groups: [{ name: payload, aliases: [payload] }],
      providers: [{ id: payload, protocol: payload }],
      configProblem: { message: payload, pointer: payload, line: 1 },
    };
    response.end(JSON.stringify(request.url === "/health" ? health : status));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let current = "";
  let printed = 0;
  const check = async (...argv: string[]): Promise<void> => {
    const { out, err } = await cli.run(...argv);
    printed += out.length + err.length;
    expect([argv, CONTROL.exec(out + err)?.[0]]).toEqual([argv, undefined]);
  };
  for (const payload of PAYLOADS) {
    current = encodeURIComponent(payload);
    writeFileSync(
      join(cli.home, "ccproxy.pid"),
      JSON.stringify({ pid: process.pid, start: processStart(process.pid), url, version: payload }),
    );
    await check("status");
    await check("status", "--json");
    // As a daemon writes it, and as anything else may have.
    writeFileSync(
      join(cli.home, "ccproxy.log"),
      `${JSON.stringify({ error: payload, model: payload })}\n${payload}\n`,
    );
    await check("logs");
    await check("logs", "--json");
    write({
      providers: {
        lan: {
          protocol: "ollama",
          baseUrl: "http://127.0.0.1:9",
          models: [payload],
          quirks: { [payload]: payload },
        },
      },
      groups: {
        a: { models: { [`x${payload}`]: `lan/y${payload}` }, prompt: { mode: "enhance", text: payload } },
      },
      keys: { k_1: { name: payload, hash: "0".repeat(64) } },
    });
    for (const argv of [
      ["provider", "show", "lan"],
      ["provider", "list"],
      ["group", "show", "a"],
      ["group", "list"],
      ["model", "list"],
      ["key", "list"],
      ["config", "validate"],
    ])
      await check(...argv);
    await check("use", payload);
    await check("provider", "remove", `no${payload}`);
    await check("model", "add", payload, `nobody${payload}/x`, "--group", "a");
    await check("provider", "add", payload, "--protocol", "openai", "--base-url", "http://127.0.0.1:1");
    await check(payload);
    write({ providers: payload, [payload]: 1 });
    await check("config", "validate");
    writeFileSync(join(cli.home, "config.json"), `{ ${payload} }`);
    await check("config", "validate", "--json");
  }
  expect(printed).toBeGreaterThan(100_000);
}, 60_000);

it("S5: what is printed instead is the same text, as JSON writes it", () => {
  for (const payload of PAYLOADS) {
    expect(printable(payload)).not.toMatch(CONTROL);
    expect(JSON.parse(printable(JSON.stringify({ payload })))).toEqual({ payload });
  }
  expect(printable("Größe\t漢字 🙂\n")).toBe("Größe\t漢字 🙂\n");
});
