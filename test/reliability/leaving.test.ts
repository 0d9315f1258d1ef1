import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findAdapter } from "../../adapters/index.ts";
import type { Config } from "../../storage/types.ts";
import { playGood, toPieces } from "../faults/faults.ts";
import { userText } from "../support/ask.ts";
import { startDaemon, type ProtocolName, type TestDaemon } from "../support/daemon.ts";
import { startFaultServer, type FaultServer, type Play } from "../support/fault-server.ts";

/** The client goes: the provider's connection closes at once, whatever was going on, and nothing is begun any more. */
const SOON_MS = 250;
const PROTOCOLS: ProtocolName[] = ["openai", "claude", "gemini", "ollama"];

let server: FaultServer;
let silent: FaultServer;
let daemon: TestDaemon;

beforeAll(async () => {
  server = await startFaultServer();
  silent = await startFaultServer();
  const providers: Config["providers"] = {};
  const groups: Config["groups"] = {};
  for (const protocol of PROTOCOLS) {
    providers[protocol] = { protocol, baseUrl: `${server.url}/${protocol}`, keys: ["k"] };
    providers[`silent-${protocol}`] = {
      protocol,
      baseUrl: silent.url.replace("http:", "https:"),
      keys: ["k"],
    };
    groups[protocol] = { models: { m: `${protocol}/m` } };
    for (const client of PROTOCOLS) {
      // One for each client: what may be asked again is counted by provider.
      providers[`again-${client}-${protocol}`] = providers[protocol];
      groups[`again-${client}-${protocol}`] = { models: { m: `again-${client}-${protocol}/m` } };
    }
    groups[`silent-${protocol}`] = { models: { m: `silent-${protocol}/m` } };
  }
  daemon = await startDaemon({ providers, groups });
});
afterAll(async () => {
  await daemon.close();
  await server.close();
  await silent.close();
});
afterEach(async () => {
  server.forget();
  vi.restoreAllMocks();
  await daemon.wake();
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function until(holds: () => boolean, ms: number, what: string): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await pause(2);
  }
}

/** A request as bytes, on a socket of its own. */
function toBytes(client: ProtocolName, group: string, stream: boolean): string {
  const face = findAdapter(client)?.provider;
  const wire = face?.buildRequest({
    model: "m",
    messages: [userText("hi")],
    sampling: { maxTokens: 9 },
    stream,
  });
  const body = JSON.stringify(wire?.body);
  const headers = Object.entries({ ...face?.headers, ...wire?.headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `POST /${group}${wire?.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${headers.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function open(client: ProtocolName, group: string, stream: boolean) {
  const socket = connect(Number(new URL(daemon.url).port), "127.0.0.1");
  let received = "";
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => {
    received += data.toString("latin1");
  });
  socket.write(toBytes(client, group, stream));
  return { socket, received: () => received };
}

interface State {
  name: string;
  play?: Play;
  group?: (provider: ProtocolName, client: ProtocolName) => string;
  /** The request has got there. */
  reached: (provider: ProtocolName, received: string) => boolean;
  streamOnly?: boolean;
}

const asked = (provider: ProtocolName): boolean => server.attempts(provider).length > 0;
const STATES: State[] = [
  {
    name: "while the key rests",
    play: (line) => line.reply(429, line.words.errorBody(429, "slow"), { "retry-after-ms": "3000" }),
    reached: (provider) => server.attempts(provider)[0]?.isClosed() === true,
  },
  {
    name: "while the connection is being made",
    group: (provider) => `silent-${provider}`,
    reached: () => silent.open() > 0,
  },
  { name: "while the provider is silent", play: () => undefined, reached: asked },
  { name: "after the provider's headers", play: (line) => line.head(), reached: asked },
  {
    name: "while the beginning of an answer is held back",
    play: async (line) => {
      line.head();
      // No word of an answer yet.
      await line.write(line.attempt.stream ? (toPieces(line, 0)[0] ?? "").slice(0, 30) : "{");
    },
    reached: asked,
  },
  {
    name: "in the middle of a stream",
    play: async (line) => {
      line.head();
      for (const piece of toPieces(line, 0).slice(0, -1)) await line.write(piece);
    },
    reached: (_provider, received) => received.includes("answer 0"),
    streamOnly: true,
  },
  {
    name: "before a provider that failed is asked again",
    group: (provider, client) => `again-${client}-${provider}`,
    play: (line) => line.reply(503, line.words.errorBody(503, "down")),
    reached: (provider) => server.attempts(provider)[0]?.isClosed() === true,
  },
];

const CELLS = STATES.flatMap((state) =>
  PROTOCOLS.flatMap((client) =>
    [true, false]
      .filter((stream) => stream || !state.streamOnly)
      .flatMap((stream) =>
        [client, client === "claude" ? ("openai" as const) : ("claude" as const)].map((provider) => ({
          state,
          client,
          provider,
          stream,
          title: `${state.name}: ${client} client, ${provider} provider, streamed: ${stream}`,
        })),
      ),
  ),
);

describe("a client that leaves", () => {
  it.each(CELLS.map((cell) => [cell.title, cell] as const))(
    "%s",
    async (_title, { state, client, provider, stream }) => {
      // Whoever waits before asking again waits for 750 ms: no machine is that busy.
      vi.spyOn(Math, "random").mockReturnValue(3);
      server.play(provider, state.play ?? playGood);
      const { socket, received } = open(client, state.group?.(provider, client) ?? provider, stream);
      await until(() => state.reached(provider, received()), 3000, "the request");
      await pause(10);
      const entry = daemon.nextEntry();
      const left = performance.now();
      socket.destroy();
      const logged = await entry;
      expect(performance.now() - left).toBeLessThan(SOON_MS);
      await until(() => server.open() === 0 && silent.open() === 0, SOON_MS, "the provider's connection");
      const attempts = server.attempts(provider).length;
      expect(logged.status).toBe(499);
      expect(logged.error).toMatch(/^cancelled/);
      // Long enough for any retry that was on its way.
      if (/rests|again/.test(state.name)) await pause(800);
      expect(server.attempts(provider)).toHaveLength(attempts);
      expect(attempts).toBe(/being made/.test(state.name) ? 0 : 1);
    },
  );

  it("10,000 times at any moment, leaves nothing behind", async () => {
    for (const protocol of PROTOCOLS) {
      server.play(protocol, async (line, count) => {
        const kind = count % 5;
        if (kind === 0) return undefined;
        if (kind === 1) return line.reply(503, line.words.errorBody(503, "down"));
        await pause(count % 7);
        if (kind === 2) return playGood(line, count);
        line.head();
        for (const piece of toPieces(line, count)) {
          await line.write(piece);
          await pause(3);
        }
        return kind === 3 ? line.end() : line.reset();
      });
    }
    const before = countResources();
    let random = 1;
    const draw = (below: number): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return (random >>> 8) % below;
    };
    const leaveOnce = async (): Promise<void> => {
      const client = PROTOCOLS[draw(4)] ?? "openai";
      const { socket } = open(client, PROTOCOLS[draw(4)] ?? "openai", draw(2) === 0);
      await pause(draw(20));
      socket.destroy();
    };
    for (let batch = 0; batch < 50; batch++) await Promise.all(Array.from({ length: 200 }, leaveOnce));
    await until(() => server.open() === 0, 20_000, "the providers' connections");
    await until(
      () => {
        const now = countResources();
        return now.sockets <= before.sockets && now.timers <= before.timers + 2;
      },
      20_000,
      "everything else",
    );
  }, 120_000);
});

/** What keeps a process busy. */
function countResources(): { sockets: number; timers: number } {
  const all = process.getActiveResourcesInfo();
  return {
    sockets: all.filter((name) => name === "TCPSocketWrap" || name === "TLSWrap").length,
    timers: all.filter((name) => name === "Timeout").length,
  };
}
