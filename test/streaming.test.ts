import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findAdapter } from "../adapters/index.ts";
import type { StreamParser } from "../adapters/adapter.ts";
import { foldEvents } from "../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { ask, askResult, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import {
  startScriptedProvider,
  toWriteContext,
  type Script,
  type ScriptedProvider,
  type SeenRequest,
} from "./support/scripted-provider.ts";

/** How bytes move: at once, in the pieces they came in, no faster than the client reads, and no longer than it stays. */
type Raw = Parameters<Script>[1];

const usage = { inputTokens: 3, outputTokens: 2 };
const say = (text: string): StreamEvent => ({ type: "text-delta", text });
const finish: StreamEvent = { type: "finish", reason: "stop", usage };
const TEXT = "Grüße 🌍 “q” \n\t done";
const answer: StreamEvent[] = [{ type: "start", model: "model-a" }, ...[...TEXT].map(say), finish];

let script: Script = () => answer;
let provider: ScriptedProvider;
let daemon: TestDaemon;

beforeAll(async () => {
  provider = await startScriptedProvider((...given) => script(...given));
  daemon = await startDaemon(perProtocol(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
});

const pairs = PROTOCOLS.flatMap((client) => PROTOCOLS.map((target) => [client, target] as const));
/** One pair that is passed through and one that is converted, of each framing. */
const somePairs = [
  ["claude", "claude"],
  ["claude", "openai"],
  ["ollama", "ollama"],
  ["openai", "ollama"],
  ["gemini", "openai-responses"],
] as const;

const toRequest = (stream: boolean): UnifiedRequest => ({
  model: "model-a",
  messages: [userText("hi")],
  stream,
});

function faceOf(protocol: string) {
  const adapter = findAdapter(protocol);
  if (!adapter) throw new Error(`no adapter for ${protocol}`);
  return adapter.provider;
}

/** A client that reads when it likes: nothing is taken off the socket before `until` or `all`. */
class Client {
  readonly #face;
  readonly #parser: StreamParser;
  readonly #req;
  #reading: Promise<void> | undefined;
  #onChunk: () => void = () => undefined;
  readonly response: Promise<IncomingMessage>;
  readonly events: StreamEvent[] = [];
  /** Writes of the daemon, as they came in. */
  chunks: Buffer[] = [];

  constructor(client: ProtocolName, base: string, stream = true) {
    this.#face = faceOf(client);
    const request = toRequest(stream);
    const wire = this.#face.buildRequest(request);
    this.#parser = this.#face.createStreamParser(request);
    const headers = { "content-type": "application/json", ...this.#face.headers, ...wire.headers };
    this.#req = httpRequest(base + wire.path, { method: "POST", headers });
    this.response = once(this.#req, "response").then(([res]) => res as IncomingMessage);
    // Hanging up is what some tests are about.
    this.response.catch(() => undefined);
    this.#req.on("error", () => undefined);
    this.#req.end(JSON.stringify(wire.body));
  }

  /** Reads until the text so far holds `text`. */
  async until(text: string): Promise<void> {
    const ended = this.#read();
    while (!this.text().includes(text)) {
      const chunk = new Promise<void>((resolve) => {
        this.#onChunk = resolve;
      });
      await Promise.race([chunk, ended.then(() => expect.fail(`the answer ended before ${text}`))]);
    }
  }
  text(): string {
    return textOf(this.events);
  }
  /** Reads to the end. */
  async all(): Promise<StreamEvent[]> {
    await this.#read();
    this.events.push(...this.#parser.end());
    return this.events;
  }
  hangUp(): void {
    this.#req.destroy();
  }
  #read(): Promise<void> {
    return (this.#reading ??= this.response.then(
      (res) =>
        new Promise((resolve) => {
          res.on("data", (chunk: Buffer) => {
            this.chunks.push(chunk);
            this.events.push(...this.#parser.push(chunk.toString("utf8")));
            this.#onChunk();
          });
          res.on("close", resolve);
        }),
    ));
  }
}

/** Takes the provider's answer into the test's hands: resolves when a request has come. */
function takeOver(): Promise<
  Raw & { write: (...events: StreamEvent[]) => boolean; end: () => void; request: UnifiedRequest }
> {
  return new Promise((resolve) => {
    script = (request, raw) => {
      const writer = raw.face.createStreamWriter(toWriteContext(raw.call, request));
      let open = false;
      const write = (...events: StreamEvent[]): boolean => {
        if (!open) raw.res.writeHead(200, raw.face.streamHeaders(raw.call));
        open = true;
        return raw.res.write(writer.push(events));
      };
      resolve({ ...raw, request, write, end: () => void raw.res.end(writer.end()) });
      return undefined;
    };
  });
}

/** The answer as the provider's protocol writes it. */
function written({ face, call }: Raw, request: UnifiedRequest): string {
  const context = toWriteContext(call, request);
  if (!request.stream) return JSON.stringify(face.writeResponse(foldEvents(answer), context));
  const writer = face.createStreamWriter(context);
  return answer.map((event) => writer.push([event])).join("") + writer.end();
}

const textOf = (events: StreamEvent[]): string =>
  events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");

it.each(pairs)(
  "the first word reaches a %s client before a %s provider has written the second",
  async (client, target) => {
    const taken = takeOver();
    const asked = new Client(client, `${daemon.url}/${target}`);
    const { write, end } = await taken;
    write({ type: "start", model: "model-a" });
    write(say("one "));
    await asked.until("one ");
    write(say("two "));
    await asked.until("two ");
    write(finish);
    end();
    expect(textOf(await asked.all())).toBe("one two ");
    expect(asked.events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
  },
);

it.each(pairs)(
  "each write of the provider is one write to the client (%s over %s)",
  async (client, target) => {
    const taken = takeOver();
    const asked = new Client(client, `${daemon.url}/${target}`);
    const { write, end } = await taken;
    write({ type: "start", model: "model-a" }, say("one"));
    await asked.until("one");
    for (const words of ["a b c d e f g".split(" "), "h i j k".split(" ")]) {
      asked.chunks = [];
      write(...words.map(say));
      await asked.until(words.join(""));
      expect(asked.chunks).toHaveLength(1);
    }
    write(finish);
    end();
    await asked.all();
  },
);

it.each(somePairs)(
  "a %s client that stops reading holds a %s provider back, and loses nothing",
  async (client, target) => {
    const taken = takeOver();
    const asked = new Client(client, `${daemon.url}/${target}`);
    const { write, end, res } = await taken;
    const piece = `#${"x".repeat(60_000)}`;
    const limit = 4000;
    let sent = 0;
    write({ type: "start", model: "model-a" });
    // As fast as it is taken, until it is taken no more.
    for (let goOn = true; goOn && sent < limit; sent++) goOn = write(say(piece)) || (await drained(res));
    // 240 MB were on offer; what is on its way is in the buffers of four sockets.
    expect(sent * piece.length).toBeLessThan(80_000_000);
    write(finish);
    end();
    let seen = 0;
    for await (const chunk of await asked.response) seen += count(chunk as Buffer, "#");
    expect(seen).toBe(sent);
  },
);

/** Whether the socket wants more within a moment; a provider that is held back sees no drain at all. */
function drained(res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const quiet = setTimeout(() => resolve(false), 250);
    res.once("drain", () => {
      clearTimeout(quiet);
      resolve(true);
    });
  });
}

function count(chunk: Buffer, sign: string): number {
  let found = 0;
  for (let at = chunk.indexOf(sign); at !== -1; at = chunk.indexOf(sign, at + 1)) found++;
  return found;
}

describe.each(pairs)("a %s client over a %s provider", (client, target) => {
  const base = (): string => `${daemon.url}/${target}`;
  const seenNow = (): SeenRequest => {
    const seen = provider.seen.at(-1);
    if (!seen) throw new Error("the provider was not asked");
    return seen;
  };

  it.each([true, false])(
    "trap 43: that hangs up before the answer began closes the provider's connection (stream: %s)",
    async (stream) => {
      const taken = takeOver();
      const entry = daemon.nextEntry();
      const asked = new Client(client, base(), stream);
      await taken;
      asked.hangUp();
      await seenNow().closed;
      expect(await entry).toMatchObject({ status: 499, attempts: 1 });
      expect(provider.seen).toHaveLength(1);
    },
  );

  it("trap 43: that hangs up in the middle closes the provider's connection", async () => {
    const taken = takeOver();
    const entry = daemon.nextEntry();
    const asked = new Client(client, base());
    const { write } = await taken;
    write({ type: "start" }, say("one"));
    await asked.until("one");
    asked.hangUp();
    await seenNow().closed;
    expect(await entry).toMatchObject({ status: 499, attempts: 1 });
    expect(provider.seen).toHaveLength(1);
  });

  it("trap 42: reads what is cut anywhere, in LF and in CRLF", async () => {
    for (const end of ["\n", "\r\n"]) {
      script = (request, raw) => {
        raw.res.writeHead(200, raw.face.streamHeaders(raw.call));
        const bytes = Buffer.from(written(raw, request).replaceAll(/\r?\n/g, end));
        for (let at = 0; at < bytes.length; at += 7) raw.res.write(bytes.subarray(at, at + 7));
        raw.res.end();
        return undefined;
      };
      const result = await askResult(base(), client, toRequest(true));
      expect(result.content).toEqual([{ type: "text", text: TEXT }]);
      expect(result).toMatchObject({ finishReason: "stop", usage });
    }
  });

  it("gets a stream although the provider answers with one body", async () => {
    script = (request, raw) => {
      const call = { ...raw.call, ...(raw.call.variant === "stream" && { variant: "generate" }) };
      const body = written({ ...raw, call }, { ...request, stream: false });
      raw.res.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body);
      return undefined;
    };
    const asked = await ask(base(), client, toRequest(true));
    expect(asked.headers.get("content-type")).not.toMatch(/^application\/json(?!.*gemini)/);
    expect(foldEvents(asked.events)).toMatchObject({ content: [{ type: "text", text: TEXT }], usage });
  });

  it("gets one body although the provider answers with a stream", async () => {
    script = (request, raw) => {
      const call = { ...raw.call, query: new URLSearchParams("alt=sse") };
      // Chat completions tell the usage of a stream only to those who ask for it.
      const extra = { ...request.extra, openai: { stream_options: { include_usage: true } } };
      const text = written({ ...raw, call }, { ...request, extra, stream: true });
      raw.res.writeHead(200, raw.face.streamHeaders(call)).end(text);
      return undefined;
    };
    const asked = await ask(base(), client, toRequest(false));
    expect(asked.headers.get("content-type")).toMatch(/^application\/json/);
    expect(foldEvents(asked.events)).toMatchObject({ content: [{ type: "text", text: TEXT }], usage });
  });
});

describe("a provider that takes too long", () => {
  let hasty: TestDaemon | undefined;
  afterEach(() => hasty?.close());
  const start = async (timeouts: Record<string, number>): Promise<string> => {
    const config = perProtocol(provider.url);
    for (const one of Object.values(config.providers ?? {})) one.timeouts = timeouts;
    hasty = await startDaemon(config);
    return hasty.url;
  };

  it.each(somePairs)(
    "to begin is a 504 to the client, and is hung up on (%s over %s)",
    async (client, target) => {
      const url = await start({ firstEvent: 40 });
      for (const stream of [true, false]) {
        script = () => undefined;
        const asked = await ask(`${url}/${target}`, client, toRequest(stream));
        expect([asked.status, asked.text]).toEqual([504, expect.stringContaining("timeouts.firstEvent")]);
        await provider.seen.at(-1)?.closed;
      }
    },
  );

  it.each(somePairs)("to go on is an error inside the stream (%s over %s)", async (client, target) => {
    const url = await start({ idle: 40 });
    const taken = takeOver();
    const asked = new Client(client, `${url}/${target}`);
    const { write } = await taken;
    write({ type: "start" }, say("one"));
    const events = await asked.all();
    expect(textOf(events)).toBe("one");
    const last = events.at(-1);
    expect(last?.type === "error" && last.error.message).toContain("timeouts.idle");
    await provider.seen.at(-1)?.closed;
  });

  it.each(somePairs)("all in all is ended, although it goes on (%s over %s)", async (client, target) => {
    const url = await start({ total: 200 });
    const taken = takeOver();
    const asked = new Client(client, `${url}/${target}`);
    const { write, res } = await taken;
    write({ type: "start" }, say("one"));
    const ticks = setInterval(() => write(say(".")), 5);
    res.on("close", () => clearInterval(ticks));
    const last = (await asked.all()).at(-1);
    expect(last?.type === "error" && last.error.message).toContain("timeouts.total");
    await provider.seen.at(-1)?.closed;
  });
});
