import { getEventListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamParser } from "../../adapters/adapter.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { createSseParser, type SseEvent } from "../../adapters/sse.ts";
import type { StreamEvent } from "../../adapters/unified.ts";
import { relay, type RelayOptions } from "../../server/relay.ts";
import { createUpstream } from "../../server/upstream.ts";
import type { Timeouts } from "../../storage/types.ts";
import { startRawProvider, whenClosed, type RawProvider } from "./raw-provider.ts";

const upstream = createUpstream();
let raw: RawProvider;
beforeAll(async () => {
  raw = await startRawProvider();
});
afterAll(async () => {
  await upstream.close();
  await raw.close();
});

/** A protocol of three words: {"t": text}, {"error": message} and [DONE]. */
function createParser(): StreamParser {
  const sse = createSseParser();
  let done = false;
  const toEvent = ({ data }: SseEvent): StreamEvent => {
    if (data === "[DONE]") {
      done = true;
      return { type: "finish", reason: "stop" };
    }
    const { t, error } = JSON.parse(data) as { t?: string; error?: string };
    if (error !== undefined) return { type: "error", error: new GatewayError("overloaded", error) };
    return { type: "text-delta", text: t ?? "" };
  };
  const cutOff: StreamEvent = { type: "error", error: new GatewayError("upstream", "cut off") };
  return {
    push: (text) => sse.push(text).map(toEvent),
    end: () => [...sse.end().map(toEvent), ...(done ? [] : [cutOff])],
  };
}

const say = (text: string): string => `data: ${JSON.stringify({ t: text })}\n\n`;
const DONE = "data: [DONE]\n\n";
const SSE = { "content-type": "text/event-stream; charset=utf-8" };

interface Outcome {
  error: GatewayError | undefined;
  /** What was taken: texts, and the types of other events. */
  taken: string[];
  batches: number;
}

async function run(
  options: Partial<RelayOptions> & { timeouts?: Timeouts; onTake?: () => void } = {},
): Promise<Outcome> {
  const { timeouts, onTake, ...others } = options;
  const outcome: Outcome = { error: undefined, taken: [], batches: 0 };
  const signal = options.signal ?? new AbortController().signal;
  outcome.error = await relay({
    upstream,
    provider: { protocol: "p", baseUrl: raw.url, ...(timeouts && { timeouts }) },
    request: { method: "POST", url: `${raw.url}/chat`, headers: {}, body: "{}" },
    stream: true,
    createParser,
    parseResponse: (body) => [
      { type: "text-delta", text: JSON.stringify(body) },
      { type: "finish", reason: "stop" },
    ],
    parseError: (status, body, headers) =>
      new GatewayError("rate-limit", `${status} ${headers["x-why"] ?? ""} ${body}`),
    take: (events) => {
      outcome.batches++;
      for (const event of events) outcome.taken.push(event.type === "text-delta" ? event.text : event.type);
      onTake?.();
      return true;
    },
    onDrain: (resume) => resume(),
    signal,
    ...others,
  });
  expect(getEventListeners(signal as AbortSignal, "abort")).toEqual([]);
  return outcome;
}

/** Answers the next request; gives a promise of its connection's end. */
function serve(handler: (res: ServerResponse, req: IncomingMessage) => void): {
  closed: () => Promise<unknown>;
} {
  let closing: Promise<unknown> | undefined;
  raw.answer((req, res) => {
    closing = whenClosed(req);
    handler(res, req);
  });
  return { closed: () => closing ?? Promise.reject(new Error("no request came")) };
}

describe("relay: a stream", () => {
  it("arrives as events, one batch per chunk", async () => {
    serve((res) => res.writeHead(200, SSE).end(say("a") + say("b") + DONE));
    expect(await run()).toEqual({ error: undefined, taken: ["a", "b", "finish"], batches: 1 });
  });

  it("trap 42: survives a cut in the middle of a character and of a line", async () => {
    const bytes = Buffer.from(say("grüß 😀 漢"));
    for (let cut = 1; cut < bytes.length; cut += 1) {
      let goOn: (() => void) | undefined;
      serve((res) => {
        res.writeHead(200, SSE);
        res.write(Buffer.concat([Buffer.from(say("first")), bytes.subarray(0, cut)]));
        goOn = () => res.end(Buffer.concat([bytes.subarray(cut), Buffer.from(DONE)]));
      });
      const { taken, error } = await run({ onTake: () => goOn?.() });
      expect([taken, error]).toEqual([["first", "grüß 😀 漢", "finish"], undefined]);
    }
  });

  it("trap 38: without a last line end is complete all the same", async () => {
    serve((res) => res.writeHead(200, SSE).end(say("a") + DONE.trimEnd()));
    expect(await run()).toMatchObject({ error: undefined, taken: ["a", "finish"] });
  });

  it("trap 38: that ends before its finish is an error", async () => {
    serve((res) => res.writeHead(200, SSE).end(say("a")));
    expect(await run()).toMatchObject({ error: { message: "cut off" }, taken: ["a"] });
  });

  it("trap 39: whose connection breaks is an error", async () => {
    serve((res, req) => {
      res.writeHead(200, SSE);
      res.write(say("a"), () => req.socket.destroy());
    });
    expect(await run()).toMatchObject({ error: { kind: "upstream" }, taken: ["a"] });
  });

  it("trap 40: that begins with an error gives it before anything was taken, and is closed", async () => {
    const { closed } = serve((res) => void res.writeHead(200, SSE).write('data: {"error":"busy"}\n\n'));
    expect(await run()).toEqual({
      error: expect.objectContaining({ kind: "overloaded", message: "busy" }),
      taken: [],
      batches: 0,
    });
    await closed();
  }, 2000);

  it("trap 39: gives what came before an error in the same chunk", async () => {
    serve((res) => res.writeHead(200, SSE).end(`${say("a")}data: {"error":"busy"}\n\n${say("b")}`));
    expect(await run()).toMatchObject({ error: { message: "busy" }, taken: ["a"] });
  });

  it("that nobody can read is the provider's fault, and ends the exchange", async () => {
    const { closed } = serve((res) => void res.writeHead(200, SSE).write("data: {not json\n\n"));
    const { error } = await run();
    expect(error).toMatchObject({ kind: "upstream", message: "the provider's answer cannot be read" });
    await closed();
  }, 2000);

  it("ends with what the taker throws", async () => {
    const { closed } = serve((res) => void res.writeHead(200, SSE).write(say("a")));
    const error = new GatewayError("internal", "no");
    const { error: outcome } = await run({
      take: () => {
        throw error;
      },
    });
    expect(outcome).toBe(error);
    await closed();
  }, 2000);

  it("is understood also where none was asked for", async () => {
    serve((res) => res.writeHead(200, SSE).end(say("a") + DONE));
    expect(await run({ stream: false })).toMatchObject({ error: undefined, taken: ["a", "finish"] });
  });
});

describe("relay: a whole body", () => {
  const json = { "content-type": "application/json; charset=utf-8" };

  it.each([true, false])("is read as one answer (a stream asked for: %s)", async (stream) => {
    serve((res) => {
      const bytes = Buffer.from('{"a":"😀"}');
      res.writeHead(200, json).write(bytes.subarray(0, 8));
      setImmediate(() => res.end(bytes.subarray(8)));
    });
    expect(await run({ stream })).toEqual({ error: undefined, taken: ['{"a":"😀"}', "finish"], batches: 1 });
  });

  it.each([
    ["", "it is empty"],
    ["<html>nginx</html>", 'not JSON but "<html>nginx</html>"'],
    ['{"a":', 'not JSON but "{\\"a\\":"'],
  ])("of %j is an error in words", async (body, words) => {
    serve((res) => res.writeHead(200, json).end(body));
    const { error } = await run();
    expect(error).toMatchObject({
      kind: "upstream",
      message: `the provider's answer cannot be read: ${words}`,
    });
  });

  it("may be an error too", async () => {
    serve((res) => res.writeHead(200, json).end("{}"));
    const error = new GatewayError("overloaded", "inside");
    const parseResponse = () => {
      throw error;
    };
    expect((await run({ parseResponse })).error).toBe(error);
  });
});

describe("relay: an error status", () => {
  it.each([400, 401, 404, 429, 500, 503])("%i is read with body and headers", async (status) => {
    serve((res) => res.writeHead(status, { "x-why": "because" }).end('{"error":"no"}'));
    expect(await run()).toMatchObject({
      error: { kind: "rate-limit", message: `${status} because {"error":"no"}` },
      taken: [],
    });
  });

  it.each([301, 302, 307, 308])("%i is an error that says what to check", async (status) => {
    serve((res) => res.writeHead(status, { location: "http://127.0.0.1:9/" }).end());
    expect((await run()).error?.message).toMatch(new RegExp(`redirect \\(HTTP ${status}\\).*baseUrl`));
  });

  it("is read although its body breaks off", async () => {
    serve((res, req) => {
      res.writeHead(500, { "content-length": 100 });
      res.write("part", () => req.socket.destroy());
    });
    expect((await run()).error?.message).toBe("500  part");
  });

  it("is read although its body never ends", async () => {
    const { closed } = serve((res) => {
      res.writeHead(500);
      const pour = (): void => {
        if (!res.destroyed) res.write("x".repeat(16_384), () => setImmediate(pour));
      };
      pour();
    });
    const { error } = await run();
    expect(error?.message).toMatch(/^500 {2}x{65536}/);
    await closed();
  }, 2000);

  it("is read although its body stands still", async () => {
    const { closed } = serve((res) => void res.writeHead(503).write("busy"));
    expect((await run({ timeouts: { firstEvent: 60, idle: 60 } })).error?.message).toBe("503  busy");
    await closed();
  }, 2000);
});

describe("relay: time", () => {
  it("is limited until the first piece", async () => {
    const { closed } = serve(() => undefined);
    expect(await run({ timeouts: { firstEvent: 40 } })).toMatchObject({
      error: { kind: "timeout", code: "firstEvent_timeout" },
      taken: [],
    });
    await closed();
  }, 2000);

  it("is limited between two pieces", async () => {
    const { closed } = serve((res) => void res.writeHead(200, SSE).write(say("a")));
    expect(await run({ timeouts: { firstEvent: 5000, idle: 40 } })).toMatchObject({
      error: { kind: "timeout", code: "idle_timeout" },
      taken: ["a"],
    });
    await closed();
  }, 2000);

  it("is limited as a whole, where that is configured", async () => {
    serve((res) => {
      res.writeHead(200, SSE);
      const tick = (): void => {
        if (!res.destroyed) res.write(say("a"), () => setTimeout(tick, 5));
      };
      tick();
    });
    expect(await run({ timeouts: { idle: 1000, total: 60 } })).toMatchObject({
      error: { code: "total_timeout" },
    });
  }, 2000);
});

describe("relay: the client", () => {
  it("trap 43: that goes away before the head closes the provider's connection", async () => {
    const controller = new AbortController();
    const { closed } = serve(() => controller.abort());
    expect(await run({ signal: controller.signal })).toMatchObject({
      error: { kind: "cancelled" },
      taken: [],
    });
    await closed();
  }, 2000);

  it("trap 43: that goes away in the middle closes the provider's connection", async () => {
    const controller = new AbortController();
    const { closed } = serve((res) => void res.writeHead(200, SSE).write(say("a")));
    expect(await run({ signal: controller.signal, onTake: () => controller.abort() })).toMatchObject({
      error: { kind: "cancelled" },
      taken: ["a"],
    });
    await closed();
  }, 2000);

  it("that was gone before asks the provider nothing", async () => {
    const before = raw.seen.length;
    expect(await run({ signal: AbortSignal.abort() })).toMatchObject({ error: { kind: "cancelled" } });
    serve((res) => res.writeHead(200, SSE).end(DONE));
    await run();
    expect(raw.seen).toHaveLength(before + 1);
  });

  it("that is slow holds the provider back until it has read", async () => {
    const pieces = 24;
    let written = 0;
    serve((res) => {
      res.writeHead(200, SSE);
      const write = (): void => {
        while (written < pieces) {
          written++;
          if (!res.write(say("x".repeat(1 << 20)))) return void res.once("drain", write);
        }
        res.end(DONE);
      };
      write();
    });
    let held = 0;
    let most = 0;
    const resumes: (() => void)[] = [];
    const outcome = await run({
      // Far less than the client takes: being slow is no fault of the provider's.
      timeouts: { firstEvent: 5000, idle: 5000 },
      take: (events) => {
        most = Math.max(most, events.length);
        return false;
      },
      onDrain: (resume) => {
        held++;
        resumes.push(resume);
        setImmediate(() => resumes.shift()?.());
      },
    });
    expect(outcome.error).toBeUndefined();
    expect(written).toBe(pieces);
    expect(held).toBeGreaterThan(pieces / 2);
    expect(most).toBeLessThan(pieces);
  });

  it("that is slow is not mistaken for a provider that stands still", async () => {
    let end: (() => void) | undefined;
    serve((res) => {
      res.writeHead(200, SSE).write(say("a"));
      end = () => res.end(DONE);
    });
    const outcome = await run({
      timeouts: { firstEvent: 5000, idle: 30 },
      take: () => false,
      onDrain: (resume) => {
        // Three times the idle limit.
        setTimeout(() => {
          end?.();
          resume();
        }, 90);
      },
    });
    expect(outcome.error).toBeUndefined();
  }, 2000);
});
