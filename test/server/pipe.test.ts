import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamParser } from "../../adapters/adapter.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { createModelPatcher } from "../../server/model-patcher.ts";
import { createJoinedWrites } from "../../server/joined-writes.ts";
import { pipeWhole } from "../../server/pipe-whole.ts";
import { createPipe, type PipeOptions } from "../../server/pipe.ts";
import { createUpstream } from "../../server/upstream.ts";
import type { Timeouts } from "../../storage/types.ts";
import { startRawProvider, whenClosed, type RawProvider } from "./raw-provider.ts";

const upstream = createUpstream();
let raw: RawProvider;
let onRequest: (res: ServerResponse) => void = () => undefined;
const front = createServer((_req, res) => onRequest(res));
beforeAll(async () => {
  raw = await startRawProvider();
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
});
afterAll(async () => {
  await upstream.close();
  await raw.close();
  front.closeAllConnections();
  front.close();
});

/** Sees an error in what says so, thoughts in what says that, and a text in everything else. */
const probe: StreamParser = {
  push: (text) => {
    if (text.includes('"error"')) return [{ type: "error", error: new GatewayError("overloaded", "busy") }];
    return [text.includes("thought") ? { type: "start" } : { type: "text-delta", text }];
  },
  end: () => [],
};

interface Outcome {
  /** What the pipe said. */
  error: GatewayError | undefined;
  /** What the client got; status 0: nothing but an error to be told. */
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** The client saw the end of the answer. */
  complete: boolean;
  opened: number;
  failed: GatewayError | undefined;
}

interface Options extends Partial<PipeOptions> {
  timeouts?: Timeouts;
  /** No stream was asked for. */
  whole?: boolean;
  /** Reads the answer in place of the default, which takes all of it at once. */
  read?: (response: IncomingMessage) => void;
}

/** A client asks the front, whose answer is the pipe's. */
async function run({ timeouts, whole, read, ...options }: Options = {}): Promise<Outcome> {
  const outcome: Outcome = {
    error: undefined,
    status: 0,
    headers: {},
    body: Buffer.alloc(0),
    complete: false,
    opened: 0,
    failed: undefined,
  };
  const controller = new AbortController();
  const piped = new Promise<void>((resolve, reject) => {
    onRequest = (res) => {
      res.on("close", () => {
        if (!res.writableFinished) controller.abort();
      });
      const body = createJoinedWrites(res);
      (whole ? pipeWhole : createPipe)({
        upstream,
        provider: { protocol: "p", baseUrl: raw.url, ...(timeouts && { timeouts }) },
        request: { method: "POST", url: `${raw.url}/chat`, headers: {}, body: "{}" },
        signal: controller.signal,
        res,
        head: {},
        body,
        framing: "sse",
        createProbe: () => probe,
        isCommitted: (events) => events.some(({ type }) => type === "text-delta"),
        patcher: undefined,
        parseError: (status, body) => new GatewayError("rate-limit", `${status} ${body}`),
        sendWhole: (headers, body) => res.writeHead(200, { ...headers, "x-whole": "1" }).end(body),
        onOpen: () => outcome.opened++,
        fail: (error) => {
          outcome.failed = error;
          body.end("!");
        },
        ...options,
      }).then((error) => {
        outcome.error = error;
        if (error && !res.headersSent) res.writeHead(599).end();
        resolve();
      }, reject);
    };
  });
  const client = httpRequest({ port: (front.address() as AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => undefined);
  client.end();
  const [response] = (await once(client, "response")) as [IncomingMessage];
  outcome.status = response.statusCode ?? 0;
  outcome.headers = response.headers;
  response.on("error", () => undefined);
  const chunks: Buffer[] = [];
  if (read) read(response);
  else response.on("data", (chunk: Buffer) => chunks.push(chunk));
  await Promise.all([piped, new Promise((resolve) => response.on("close", resolve))]);
  outcome.complete = response.complete;
  outcome.body = Buffer.concat(chunks);
  return outcome;
}

const SSE = { "content-type": "text/event-stream" };

describe("createPipe: a stream", () => {
  it("goes through byte for byte, and few of its headers", async () => {
    const bytes = Buffer.from([...Buffer.from('data: {"model":"real"}\r\n\r\n'), 0xff, 0x00, 0xe2, 0x82]);
    raw.answer((_req, res) => {
      res.writeHead(200, {
        ...SSE,
        "request-id": "r1",
        "x-ratelimit-remaining-tokens": "9",
        "set-cookie": "a=1",
        "access-control-allow-origin": "*",
        "content-length": bytes.length,
        server: "nginx",
      });
      res.end(bytes);
    });
    const { body, headers, complete, opened, error } = await run();
    expect([...body]).toEqual([...bytes]);
    expect([complete, opened, error]).toEqual([true, 1, undefined]);
    expect(headers).toMatchObject({ ...SSE, "request-id": "r1", "x-ratelimit-remaining-tokens": "9" });
    for (const name of ["set-cookie", "access-control-allow-origin", "content-length", "server"]) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it("trap 42: gets its model's name patched, wherever the bytes are cut", async () => {
    const text =
      'event: x\ndata: {"text":"grüß 😀","model":"real"}\r\n\r\ndata: {"a":1}\n\ndata: {"model":"real"}';
    const patcher = createModelPatcher([["model"]], "ali🙂as");
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      raw.answer((_req, res) => {
        res.writeHead(200, SSE).write(bytes.subarray(0, cut));
        setImmediate(() => res.end(bytes.subarray(cut)));
      });
      const { body, error } = await run({ patcher });
      expect([body.toString("utf8"), error]).toEqual([text.replaceAll('"real"', '"ali🙂as"'), undefined]);
    }
  });

  it("trap 40: that begins with an error sends nothing, so that another provider can be asked", async () => {
    let closing: Promise<void> | undefined;
    raw.answer((req, res) => {
      closing = whenClosed(req);
      res.writeHead(200, SSE).write('data: {"error":"busy"}\n\n');
    });
    const { error, status, opened } = await run();
    expect([error?.message, status, opened]).toEqual(["busy", 599, 0]);
    await closing;
  }, 2000);

  it("holds its preamble back: an error after that is another provider's chance, and a word sends both", async () => {
    let ending = 'data: {"error":"busy"}\n\n';
    raw.answer((_req, res) => {
      res.writeHead(200, SSE).write("data: thought\n\n");
      setImmediate(() => res.end(ending));
    });
    const failed = await run();
    expect([failed.error?.message, failed.status, failed.opened]).toEqual(["busy", 599, 0]);
    ending = "data: 1\n\n";
    const { body, opened } = await run();
    expect([body.toString(), opened]).toEqual(["data: thought\n\ndata: 1\n\n", 1]);
  });

  it("is not judged by what comes after its beginning", async () => {
    raw.answer((_req, res) => {
      res.writeHead(200, SSE).write("data: 1\n\n");
      setImmediate(() => res.end('data: {"error":"late"}\n\n'));
    });
    const { body, error } = await run();
    expect([body.toString(), error]).toEqual(['data: 1\n\ndata: {"error":"late"}\n\n', undefined]);
  });

  it("trap 39: that breaks off is ended with an error the client can see", async () => {
    raw.answer((req, res) => {
      res.writeHead(200, SSE).write("data: 1\n\n", () => req.socket.destroy());
    });
    const { body, error, failed } = await run();
    expect([body.toString(), error, failed?.kind]).toEqual(["data: 1\n\n!", undefined, "upstream"]);
  });

  it("that stands still is ended with an error the client can see", async () => {
    raw.answer((_req, res) => void res.writeHead(200, SSE).write("data: 1\n\n"));
    const { body, failed } = await run({ timeouts: { firstEvent: 5000, idle: 40 } });
    expect([body.toString(), failed?.code]).toEqual(["data: 1\n\n!", "idle_timeout"]);
  }, 2000);

  it("that is empty is an error", async () => {
    raw.answer((_req, res) => res.writeHead(200, SSE).end());
    const { error, opened } = await run();
    expect([error?.kind, error?.message, opened]).toEqual([
      "upstream",
      "the provider answered with an empty stream",
      0,
    ]);
  });

  it("of one line that never ends is an error, and no end of memory", async () => {
    raw.answer((_req, res) => {
      res.writeHead(200, SSE);
      const piece = Buffer.alloc(4 << 20, "x");
      const pour = (): void => {
        if (!res.destroyed) res.write(piece, () => setImmediate(pour));
      };
      pour();
    });
    const { error, opened } = await run({ patcher: (text) => text });
    expect([error?.kind, error?.message, opened]).toEqual([
      "upstream",
      "a line of the provider's stream is too long",
      0,
    ]);
  }, 10_000);
});

describe("createPipe: a whole body", () => {
  it.each([true, false])("is handed over whole (asked for: %s)", async (whole) => {
    raw.answer((_req, res) => {
      res.writeHead(200, { "content-type": "application/json" }).write('{"a":');
      setImmediate(() => res.end("1}"));
    });
    const { body, headers, error, opened } = await run({ whole });
    expect([body.toString(), headers["x-whole"], error, opened]).toEqual(['{"a":1}', "1", undefined, 0]);
  });

  it("that breaks off is an error before anything was sent", async () => {
    raw.answer((req, res) => {
      res.writeHead(200, { "content-type": "application/json" }).write('{"a":', () => req.socket.destroy());
    });
    const { error, status } = await run({ whole: true });
    expect([error?.kind, status]).toEqual(["upstream", 599]);
  });

  it("that never ends is an error, and no end of memory", async () => {
    raw.answer((_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      const piece = Buffer.alloc(4 << 20, " ");
      const pour = (): void => {
        if (!res.destroyed) res.write(piece, () => setImmediate(pour));
      };
      pour();
    });
    const { error, status } = await run({ whole: true });
    expect([error?.kind, error?.message, status]).toEqual([
      "upstream",
      "the provider's answer is too large to be read whole",
      599,
    ]);
  }, 10_000);
});

describe("createPipe: an error status", () => {
  it("sends nothing and gives the error", async () => {
    raw.answer((_req, res) => res.writeHead(429).end("slow down"));
    const { error, status, opened } = await run();
    expect([error?.message, status, opened]).toEqual(["429 slow down", 599, 0]);
  });

  it("is not followed where it is a redirect", async () => {
    raw.answer((_req, res) => res.writeHead(307, { location: "http://127.0.0.1:9/" }).end());
    expect((await run()).error?.message).toContain("redirect");
  });
});

describe("createPipe: the client", () => {
  it("trap 43: that goes away closes the provider's connection", async () => {
    let closing: Promise<void> | undefined;
    raw.answer((req, res) => {
      closing = whenClosed(req);
      res.writeHead(200, SSE).write("data: 1\n\n");
    });
    const { failed } = await run({ read: (response) => response.once("data", () => response.destroy()) });
    expect(failed?.kind).toBe("cancelled");
    await closing;
  }, 2000);

  it("that reads slowly gets everything in the end", async () => {
    const pieces = 24;
    const piece = Buffer.alloc(1 << 20, "x");
    raw.answer((_req, res) => {
      res.writeHead(200, SSE);
      let written = 0;
      const write = (): void => {
        while (written < pieces) {
          written++;
          if (!res.write(piece)) return void res.once("drain", write);
        }
        res.end();
      };
      write();
    });
    let size = 0;
    const { error, complete } = await run({
      read: (response) =>
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          response.pause();
          setImmediate(() => response.resume());
        }),
    });
    expect([error, complete, size]).toEqual([undefined, true, pieces * piece.length]);
  });
});
