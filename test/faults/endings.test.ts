import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, userText } from "../support/ask.ts";
import { startDaemon, type ProtocolName, type TestDaemon } from "../support/daemon.ts";
import { startFaultServer, type FaultServer, type Play } from "../support/fault-server.ts";
import { WORDS } from "../support/provider-words.ts";
import { playGood, TEXTS, toPieces } from "./faults.ts";

const PROTOCOLS: ProtocolName[] = ["openai", "claude", "gemini", "ollama"];
let server: FaultServer;
let daemon: TestDaemon;

beforeAll(async () => {
  server = await startFaultServer();
  const timeouts = { firstEvent: 300, idle: 300 };
  const providers = Object.fromEntries(
    PROTOCOLS.map((protocol) => [
      protocol,
      { protocol, baseUrl: `${server.url}/${protocol}`, keys: ["k1", "k2", "k3", "k4"], timeouts },
    ]),
  );
  const groups = Object.fromEntries(
    PROTOCOLS.map((protocol) => [protocol, { models: { m: `${protocol}/m` } }]),
  );
  daemon = await startDaemon({ providers, groups });
});
afterAll(async () => {
  await daemon.close();
  await server.close();
});
afterEach(async () => {
  server.forget();
  await daemon.wake();
});

const chat = (client: ProtocolName, provider: ProtocolName, stream: boolean, play: Play) => {
  server.play(provider, play);
  const request = { model: "m", messages: [userText("hi")], sampling: { maxTokens: 9 }, stream };
  return ask(`${daemon.url}/${provider}`, client, request, undefined, { handWritten: true });
};
const textOf = (events: Awaited<ReturnType<typeof chat>>["events"]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");

const PAIRS = PROTOCOLS.flatMap((client) => PROTOCOLS.map((provider) => [client, provider] as const));

describe("an answer that is complete", () => {
  const terminated = PAIRS.filter(([, provider]) => provider !== "gemini");

  it.each(terminated)(
    "is one although the connection stays open (%s client, %s provider)",
    async (client, provider) => {
      for (const stream of [true, false]) {
        const asked = await chat(client, provider, stream, async (line, count) => {
          // One body says by its length where it ends.
          if (!line.attempt.stream) return playGood(line, count);
          line.head();
          for (const piece of toPieces(line, count)) await line.write(piece);
        });
        expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(0).join("")]);
        expect(asked.events.at(-1)?.type).toBe("finish");
        await server.attempts(provider)[0]?.closed;
        expect(server.attempts(provider)).toHaveLength(1);
        server.forget();
      }
    },
  );

  it.each(terminated)(
    "is one although the connection is reset after it (%s client, %s provider)",
    async (client, provider) => {
      const asked = await chat(client, provider, true, async (line, count) => {
        line.head();
        for (const piece of toPieces(line, count)) await line.write(piece);
        setTimeout(line.reset, 30);
      });
      expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(0).join("")]);
      expect(asked.events.at(-1)?.type).toBe("finish");
      expect(server.attempts(provider)).toHaveLength(1);
    },
  );

  it.each(terminated)(
    "is not spoilt by what follows it (%s client, %s provider)",
    async (client, provider) => {
      const asked = await chat(client, provider, true, async (line, count) => {
        line.head();
        await line.write(
          toPieces(line, count).join("") + line.words.stream(["more"]).join("") + line.words.broken,
        );
        line.end();
      });
      expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(0).join("")]);
      expect(asked.events.at(-1)?.type).toBe("finish");
    },
  );
});

describe("a provider that floods", () => {
  it.each(PAIRS)("with a line without end is cut off (%s client, %s provider)", async (client, provider) => {
    const piece = Buffer.alloc(1 << 20, "x");
    let sent = 0;
    const asked = await chat(client, provider, true, async (line, count) => {
      // Somebody else serves.
      if (count > 0) return playGood(line, count);
      line.head();
      await line.write(WORDS[provider].type.includes("ndjson") ? '{"model":"' : 'data: {"a":"');
      for (; sent < 64 && !line.attempt.isClosed(); sent++) await line.write(piece);
    });
    expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(1).join("")]);
    expect(sent).toBeLessThan(50);
  });
});

it.each(PAIRS.filter(([client, provider]) => client !== provider))(
  "a stream is asked for although the client wants one body (%s client, %s provider)",
  async (client, provider) => {
    const asked = await chat(client, provider, false, playGood);
    expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(0).join("")]);
    expect(asked.events.at(-1)).toMatchObject({ type: "finish", usage: { inputTokens: 7, outputTokens: 3 } });
    expect(server.attempts(provider).map(({ stream }) => stream)).toEqual([true]);
  },
);

it("one body is asked for where the model cannot stream, from the second request on at once", async () => {
  const play: Play = (line, count) =>
    line.attempt.stream
      ? line.reply(400, line.words.errorBody(400, "Your organization must be verified to stream this model."))
      : playGood(line, count);
  for (const tries of [[true, false], [false]]) {
    const asked = await chat("claude", "openai", false, play);
    expect([asked.status, asked.events.at(-1)?.type]).toEqual([200, "finish"]);
    expect(server.attempts("openai").map(({ stream }) => stream)).toEqual(tries);
    server.forget();
  }
  // Who wants a stream is told.
  expect((await chat("claude", "openai", true, play)).status).toBe(400);
});
