import { connect } from "node:net";
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../storage/types.ts";
import { playGood, TEXTS } from "../faults/faults.ts";
import { ask, userText, type Asked } from "../support/ask.ts";
import { startDaemon, type ProtocolName, type TestDaemon } from "../support/daemon.ts";
import { startFaultServer, type FaultServer, type Line } from "../support/fault-server.ts";

const PROTOCOLS: ProtocolName[] = ["openai", "claude", "gemini", "ollama"];
let server: FaultServer;
let daemon: TestDaemon;

beforeEach(async () => {
  server = await startFaultServer();
  daemon = await startDaemon(toConfig());
});
afterEach(async () => {
  await daemon.close();
  await server.close();
});

function toConfig(): Partial<Config> {
  const providers: Config["providers"] = {};
  const groups: Config["groups"] = {};
  for (const protocol of PROTOCOLS) {
    providers[protocol] = { protocol, baseUrl: `${server.url}/${protocol}`, keys: ["k"] };
    groups[protocol] = { models: { m: `${protocol}/m` } };
  }
  groups.two = { models: { m: { targets: ["openai/m", "claude/m"], strategy: "priority" } } };
  return {
    providers,
    groups,
    server: { host: "127.0.0.1", port: 0, ollamaOpen: true, maxConcurrent: 5000 } as Config["server"],
  };
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const request = (text: string, stream = true) => ({
  model: "m",
  messages: [userText(text)],
  sampling: { maxTokens: 9 },
  stream,
});
const textOf = ({ events }: Asked): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");
/** What the client said, wherever its protocol puts it. */
const nonceOf = ({ attempt }: Line): string => /nonce-\d+/.exec(JSON.stringify(attempt.body))?.[0] ?? "";

describe("many at once", () => {
  it.each([
    ["openai", "openai"],
    ["claude", "openai"],
    ["gemini", "claude"],
    ["ollama", "gemini"],
  ] as const)(
    "of 1,000 streams none is lost, doubled or mixed (%s client, %s provider)",
    async (client, provider) => {
      const pieces = Array.from({ length: 12 }, (_, index) => index);
      server.play(provider, async (line) => {
        const nonce = nonceOf(line);
        const texts = pieces.map((piece) => `<${nonce}:${piece}>`);
        line.head();
        // All of them run at the same time.
        while (server.attempts(provider).length < 1000) await pause(20);
        for (const text of line.words.stream(texts)) {
          await line.write(text);
          await pause(Number(nonce.slice(6)) % 5);
        }
        line.end();
      });
      const all = await Promise.all(
        Array.from({ length: 1000 }, async (_, index) => {
          await pause(index);
          return ask(`${daemon.url}/${provider}`, client, request(`nonce-${index}`));
        }),
      );
      for (const [index, asked] of all.entries()) {
        expect(asked.status).toBe(200);
        expect(textOf(asked)).toBe(pieces.map((piece) => `<nonce-${index}:${piece}>`).join(""));
        expect(asked.events.at(-1)?.type).toBe("finish");
      }
    },
    60_000,
  );

  it("500 changes of the configuration under load fail no request", async () => {
    for (const protocol of PROTOCOLS) server.play(protocol, playGood);
    let over = false;
    let served = 0;
    const failed: number[] = [];
    const load = async (client: ProtocolName, provider: ProtocolName): Promise<void> => {
      while (!over) {
        const asked = await ask(`${daemon.url}/${provider}`, client, request("hi", served % 2 === 0));
        served++;
        if (asked.status !== 200 || !textOf(asked).endsWith(TEXTS(0).slice(1).join("")))
          failed.push(asked.status);
      }
    };
    const loads = PROTOCOLS.flatMap((client) => [load(client, "openai"), load(client, client)]);
    for (let change = 0; change < 500; change++) {
      await daemon.storage.config.update((draft) => {
        const provider = draft.providers[PROTOCOLS[change % 4] ?? "openai"];
        if (provider) provider.keys = [`k${change}`];
        draft.groups[`g${change}`] = { models: { m: "openai/m" } };
        delete draft.groups[`g${change - 3}`];
      });
      await pause(2);
    }
    over = true;
    await Promise.all(loads);
    expect(failed).toEqual([]);
    expect(served).toBeGreaterThan(200);
  }, 60_000);
});

describe("a client that reads slowly", () => {
  it.each([
    ["openai", "openai"],
    ["claude", "openai"],
  ] as const)(
    "holds its provider up, not the daemon's memory (%s client, %s provider)",
    async (client, provider) => {
      const piece = "x".repeat(64 * 1024);
      const count = 1200;
      let written = 0;
      server.play(provider, async (line) => {
        line.head();
        const [first = "", text = "", last = ""] = line.words.stream([piece]);
        await line.write(first);
        for (; written < count && !line.socket.destroyed; written++) await line.write(text);
        await line.write(last);
        line.end();
      });
      const body = JSON.stringify({
        model: "m",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "hi" }],
      });
      const path = client === "claude" ? "/v1/messages" : "/v1/chat/completions";
      const socket = connect(Number(new URL(daemon.url).port), "127.0.0.1");
      socket.write(
        `POST /${provider}${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      socket.pause();
      let before = -1;
      while (written !== before || written === 0) {
        before = written;
        await pause(400);
      }
      // What the system keeps on its own for four sockets, and some.
      expect(written * piece.length).toBeLessThan(40 << 20);
      let size = 0;
      socket.on("data", (data: Buffer) => {
        size += data.length;
      });
      socket.resume();
      await new Promise((resolve) => {
        socket.on("close", resolve);
      });
      expect(written).toBe(count);
      expect(size).toBeGreaterThan(count * piece.length);
    },
    60_000,
  );
});

describe("the end of the daemon", () => {
  it("lets 200 streams finish as far as time allows, tells the others, and takes nobody new", async () => {
    server.play("openai", async (line) => {
      const short = Number(nonceOf(line).slice(6)) % 2 === 0;
      line.head();
      const pieces = line.words.stream(TEXTS(0));
      for (const piece of pieces.slice(0, -1)) await line.write(piece);
      if (!short) return;
      await pause(300);
      await line.write(pieces.at(-1) ?? "");
      line.end();
    });
    const clients = Array.from({ length: 200 }, (_, index) => {
      const client = PROTOCOLS[(index >> 1) % 4] ?? "openai";
      return ask(`${daemon.url}/openai`, client, request(`nonce-${index}`));
    });
    while (server.attempts("openai").length < 200) await pause(10);
    await pause(50);
    const half = connect(Number(new URL(daemon.url).port), "127.0.0.1");
    await new Promise((resolve) => {
      half.write("GET /ready HTTP/1.1\r\n", resolve);
    });
    await pause(50);
    const began = performance.now();
    const closing = daemon.close(700);
    const ready = new Promise<string>((resolve) => {
      half.on("data", (data: Buffer) => resolve(data.toString("latin1")));
    });
    half.write("host: localhost\r\nconnection: close\r\n\r\n");
    expect(await ready).toMatch(/^HTTP\/1\.1 503/);
    await expect(readStatus(`${daemon.url}/health`)).rejects.toThrow(/ECONNREFUSED/);

    const answers = await Promise.all(clients);
    for (const [index, asked] of answers.entries()) {
      const last = asked.events.at(-1);
      expect([asked.status, textOf(asked)]).toEqual([200, TEXTS(0).join("")]);
      if (index % 2 === 0) expect(last?.type).toBe("finish");
      else expect(last?.type === "error" && last.error.message).toContain("shutting down");
    }
    await closing;
    expect(performance.now() - began).toBeGreaterThan(690);
    expect(performance.now() - began).toBeLessThan(2500);
    expect(server.open()).toBe(0);
    expect(daemon.log.filter(({ status }) => status === 200)).toHaveLength(200);
  }, 30_000);

  it("answers who waits with nothing sent by a real status", async () => {
    server.play("openai", () => undefined);
    const asked = ask(`${daemon.url}/two`, "openai", request("hi"));
    while (server.attempts("openai").length === 0) await pause(5);
    const closing = daemon.close(50);
    expect((await asked).status).toBe(503);
    expect((await asked).headers.get("retry-after")).toBe("1");
    await closing;
    // Nobody else is asked any more.
    expect(daemon.log.map(({ status, attempts }) => [status, attempts])).toEqual([[503, 1]]);
  });
});

const readStatus = (url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response: IncomingMessage) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
  });
