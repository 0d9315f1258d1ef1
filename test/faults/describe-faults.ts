import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import type { Config } from "../../storage/types.ts";
import { ask, userText, type Asked } from "../support/ask.ts";
import { startDaemon, type ProtocolName, type TestDaemon } from "../support/daemon.ts";
import { startFaultServer, type FaultServer } from "../support/fault-server.ts";
import { USED } from "../support/provider-words.ts";
import { FAULTS, playGood, TEXTS, type Fault, type FaultPlaces } from "./faults.ts";

/**
 * Every fault × streamed or not × the only route or one of two, for clients of one protocol: what the client sees, how
 * often and who is asked, who rests, what is left open, and what is logged. Each provider protocol by which the client
 * is served is tried: its own, passed through, and the others, converted.
 */
export function describeFaults(client: ProtocolName, providers: readonly ProtocolName[]): void {
  let servers: FaultServer[];
  let server: FaultServer;
  let places: FaultPlaces;
  let daemon: TestDaemon;

  beforeAll(async () => {
    server = await startFaultServer();
    const expired = await startFaultServer({ tls: readTls("expired") });
    const otherHost = await startFaultServer({ tls: readTls("other-host") });
    const silent = await startFaultServer();
    servers = [server, expired, otherHost, silent];
    places = {
      refused: await findClosedPort(),
      silentTls: silent.url.replace("http:", "https:"),
      expired: { url: expired.url, caFile: toTlsPath("expired.pem") },
      otherHost: { url: otherHost.url, caFile: toTlsPath("other-host.pem") },
    };
    daemon = await startDaemon(toConfig(server.url, providers, places));
    for (const provider of providers) server.play(`good-${provider}`, playGood);
  });
  afterAll(async () => {
    await daemon.close();
    await Promise.all(servers.map((one) => one.close()));
  });

  describe.each(providers)(`${client} client, %s provider`, (provider) => {
    describe.each([true, false])("streamed: %s", (stream) => {
      const cells = Object.entries(FAULTS).flatMap(([id, fault]) => [
        { id, fault, route: "only", title: `${id}: ${fault.name}` },
        { id, fault, route: "other", title: `${id}: ${fault.name}; there is another` },
      ]);
      it.each(cells.map((cell) => [cell.title, cell] as const))(
        "%s",
        async (_title, { id, fault, route }) => {
          const place = toPlace(id, provider, stream, route);
          const spare = `good-${provider}`;
          server.forget();
          // Of two routes only the first attempt fails.
          server.play(place, (line, count) =>
            (route === "only" || count === 0) && fault.play ? fault.play(line, count) : playGood(line, count),
          );
          const entry = daemon.nextEntry();
          const asked = await ask(`${daemon.url}/${place}`, client, toRequest(stream, fault), undefined, {
            // Odd bytes are no frames as the SDKs declare them.
            handWritten: id === "f23",
          });
          const isBegun = stream && fault.begun?.(client, provider) === true;
          const served = id === "f23" || (route === "other" && fault.next !== "nobody" && !isBegun);

          const seen = server.attempts(place);
          const spared = server.attempts(spare);
          if (served)
            expectServed(asked, { client, stream, count: id === "f23" || fault.next !== "key" ? 0 : 1 });
          else if (isBegun) expectErrorFrame(asked, { client, fault });
          else expectRefused(asked, { client, fault });

          // Who was asked, and how often.
          const again = route === "only" && !isBegun;
          const attempts = again ? fault.tries : served && id !== "f23" ? 2 : 1;
          const bySpare = served && fault.next === "target" ? 1 : 0;
          expect(spared).toHaveLength(bySpare);
          if (fault.play) expect(seen).toHaveLength(attempts - bySpare);
          expect(asked.headers.get("x-ccproxy-attempts")).toBe(String(attempts));

          // What is left of it.
          await Promise.all([...seen, ...spared].map(({ closed }) => within(1000, closed)));
          const logged = await entry;
          expect(logged).toMatchObject({
            status: asked.status,
            attempts,
            stream,
            target: `${bySpare ? spare : place}/m`,
          });
          if (served) expect(logged).toMatchObject({ ...USED, finish: "stop" });
          else expect(logged.error).toMatch(new RegExp(`^${toKind(id, fault.status(client))}`));
          expect(logged.failed?.length ?? 0).toBe(
            isBegun ? (logged.failed?.length ?? 0) : attempts - (served ? 1 : 0),
          );
          const failed = id !== "f23" && (fault.rests?.name === "key" ? `${place}#1` : `${place}#1 m`);
          const resting = (await readCooling()).filter(({ name }) => name.startsWith(place));
          if (!fault.rests) return expect(resting).toEqual([]);
          expect(resting).toMatchObject([{ name: failed, reason: fault.rests.reason }]);
          const [least, most] = fault.rests.ms;
          expect(resting[0]?.remainingMs).toBeGreaterThan(least - 1000);
          expect(resting[0]?.remainingMs).toBeLessThanOrEqual(most);
          if (!served && asked.status === 429) {
            expect(Number(asked.headers.get("retry-after"))).toBeGreaterThanOrEqual(Math.floor(least / 1000));
            expect(Number(asked.headers.get("retry-after"))).toBeLessThanOrEqual(Math.ceil(most / 1000));
          }
        },
      );
    });
  });

  async function readCooling(): Promise<{ name: string; reason: string; remainingMs: number }[]> {
    const authorization = `Bearer ${await daemon.storage.adminToken()}`;
    const response = await fetch(`${daemon.url}/status`, { headers: { authorization } });
    return ((await response.json()) as { cooling: { name: string; reason: string; remainingMs: number }[] })
      .cooling;
  }
}

/** The log tells the kind of an error, never its words. */
function toKind(id: string, status: number): string {
  if (id.startsWith("f7")) return "upstream-auth";
  return (
    {
      404: "not-found",
      400: "invalid-request",
      429: "rate-limit",
      503: "overloaded",
      504: "timeout",
      529: "overloaded",
    }[status] ?? "upstream"
  );
}

const toPlace = (id: string, provider: string, stream: boolean, route: string): string =>
  `${id}-${provider}-${stream ? "stream" : "whole"}-${route}`;

/** A provider and a group for every cell: what one learns is not another's concern. */
function toConfig(url: string, protocols: readonly ProtocolName[], places: FaultPlaces): Partial<Config> {
  const providers: Config["providers"] = {};
  const groups: Config["groups"] = {};
  for (const protocol of protocols) {
    providers[`good-${protocol}`] = { protocol, baseUrl: `${url}/good-${protocol}`, keys: ["k"] };
    for (const [id, fault] of Object.entries(FAULTS)) {
      for (const stream of [true, false]) {
        for (const route of ["only", "other"]) {
          const place = toPlace(id, protocol, stream, route);
          const keys = route === "other" && fault.next === "key" ? ["k1", "k2"] : ["k1"];
          providers[place] = {
            protocol,
            baseUrl: `${url}/${place}`,
            keys,
            ...fault.provider?.(places, place),
          };
          const others = route === "other" && fault.next !== "key" ? [`good-${protocol}/m`] : [];
          const targets = [`${place}/m`, ...others];
          groups[place] = { models: { m: { targets, strategy: "priority" } } };
        }
      }
    }
  }
  const server = { host: "127.0.0.1", port: 0, ollamaOpen: true, maxWaitMs: 0 };
  return { server, providers, groups };
}

function toRequest(stream: boolean, { tools = false }: Fault): UnifiedRequest {
  const parameters = { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } };
  return {
    model: "m",
    messages: [userText("hi")],
    sampling: { maxTokens: 100 },
    stream,
    ...(tools && { tools: [{ name: "weather", description: "Weather", parameters }] }),
  };
}

function expectServed(
  asked: Asked,
  { client, stream, count }: { client: ProtocolName; stream: boolean; count: number },
): void {
  expect([asked.status, textOf(asked.events)]).toEqual([200, TEXTS(count).join("")]);
  expect(asked.events.at(-1)).toMatchObject({ type: "finish", reason: "stop", usage: USED });
  expect(asked.events.filter(({ type }) => type === "finish" || type === "start")).toHaveLength(2);
  if (stream) expect(countOf(asked.text, ENDS[client])).toBe(1);
}

/** An error of the protocol as the last thing said, and no word of a proper end. */
function expectErrorFrame(asked: Asked, { client, fault }: { client: ProtocolName; fault: Fault }): void {
  expect(asked.status).toBe(200);
  expect(asked.text.trimEnd().split(/\n/).at(-1)).toMatch(FRAMES[client]);
  expect(countOf(asked.text, ENDS[client])).toBe(0);
  const last = asked.events.at(-1);
  expect(last?.type === "error" && last.error.message).toMatch(fault.says);
  expect(asked.events.some(({ type }) => type === "finish")).toBe(false);
  const text = textOf(asked.events);
  if (fault.tools) {
    const args = asked.events.flatMap((event) => (event.type === "tool-delta" ? event.json : [])).join("");
    expect(() => JSON.parse(args) as unknown).toThrow();
  } else expect(text).toBe(TEXTS(0).slice(0, 2).join(""));
}

function expectRefused(asked: Asked, { client, fault }: { client: ProtocolName; fault: Fault }): void {
  expect([asked.status, asked.text]).toEqual([fault.status(client), expect.stringMatching(fault.says)]);
  expect(asked.headers.get("content-type")).toMatch(/^application\/json/);
  expect(JSON.parse(asked.text)).toMatchObject(
    client === "claude" ? { type: "error", error: {} } : { error: expect.anything() },
  );
}

const textOf = (events: StreamEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");
const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** By which a client knows that an answer is whole. */
const ENDS: Record<ProtocolName, string> = {
  openai: "data: [DONE]",
  "openai-responses": "event: response.completed",
  claude: "event: message_stop",
  gemini: '"finishReason":"STOP"',
  ollama: '"done":true',
};
const FRAMES: Record<ProtocolName, RegExp> = {
  openai: /^data: \{"error":\{"message":/,
  "openai-responses":
    /^data: \{"type":"response.failed",.+"status":"failed",.*"error":\{"code":"server_error",/,
  claude: /^data: \{"type":"error","error":\{/,
  gemini: /^data: \{"error":\{"code":\d{3},/,
  ollama: /^\{"error":"/,
};

const toTlsPath = (file: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${file}`, import.meta.url));
const readTls = (name: string) => ({
  cert: readFileSync(toTlsPath(`${name}.pem`), "utf8"),
  key: readFileSync(toTlsPath("key.pem"), "utf8"),
});

/** A port that was free a moment ago: nothing listens there. */
async function findClosedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return `http://127.0.0.1:${port}`;
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
