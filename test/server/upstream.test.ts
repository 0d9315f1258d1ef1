import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderFace } from "../../adapters/adapter.ts";
import type { GatewayError } from "../../adapters/errors.ts";
import { toHeaders } from "../../server/to-headers.ts";
import { toUrl } from "../../server/to-url.ts";
import { createUpstream, type UpstreamHandle } from "../../server/upstream.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import { startRawProvider, whenClosed, type RawProvider } from "./raw-provider.ts";

const upstream = createUpstream();
let raw: RawProvider;
let provider: ProviderConfig;
beforeAll(async () => {
  raw = await startRawProvider();
  provider = { protocol: "p", baseUrl: raw.url };
});
afterAll(async () => {
  await upstream.close();
  await raw.close();
});

interface Outcome {
  status?: number;
  headers?: Record<string, string>;
  body: string;
  error?: GatewayError;
  /** What the sink was told, in order; data once. */
  told: string[];
}

/** Sends one request and waits for its end. `onData` may act on the handle. */
function send(
  options: { url?: string; method?: string; body?: string; onData?: (handle: UpstreamHandle) => void } = {},
) {
  const { url = `${raw.url}/v1/chat`, method = "POST", body = "{}", onData } = options;
  return new Promise<Outcome>((resolve) => {
    const outcome: Outcome = { body: "", told: [] };
    const tell = (word: string) => outcome.told.at(-1) !== word && outcome.told.push(word);
    const handle: UpstreamHandle = upstream.send(
      provider,
      { method, url, headers: { "content-type": "application/json" }, ...(method !== "GET" && { body }) },
      {
        onHead: (status, headers) => {
          tell("head");
          Object.assign(outcome, { status, headers });
        },
        onData: (chunk) => {
          tell("data");
          outcome.body += chunk.toString("latin1");
          onData?.(handle);
        },
        onEnd: () => {
          tell("end");
          resolve(outcome);
        },
        onError: (error) => {
          tell("error");
          resolve({ ...outcome, error });
        },
      },
    );
  });
}

describe("send", () => {
  it("sends the request as it is and tells head, data, end", async () => {
    raw.answer((_req, res) => {
      res.writeHead(201, { "X-Request-Id": "r1", "set-cookie": ["a=1", "b=2"] });
      res.end("hello");
    });
    const outcome = await send({ url: `${raw.url}/v1/chat?alt=sse`, body: '{"a":1}' });
    expect(outcome).toMatchObject({ status: 201, body: "hello", told: ["head", "data", "end"] });
    expect(outcome.headers).toMatchObject({ "x-request-id": "r1", "set-cookie": "a=1, b=2" });
    expect(raw.seen.at(-1)).toMatchObject({ method: "POST", url: "/v1/chat?alt=sse", body: '{"a":1}' });
  });

  it("sends a GET without a body", async () => {
    raw.answer((_req, res) => res.end("[]"));
    await send({ method: "GET" });
    expect(raw.seen.at(-1)).toMatchObject({ method: "GET", body: "" });
    expect(raw.seen.at(-1)?.headers).not.toHaveProperty("content-length");
  });

  it("leaves an interim answer out", async () => {
    raw.answer((_req, res) => {
      res.writeProcessing();
      res.writeEarlyHints({ link: "</a>; rel=preload" });
      res.end("x");
    });
    expect(await send()).toMatchObject({ status: 200, told: ["head", "data", "end"] });
  });

  it.each([301, 302, 303, 307, 308])("does not follow a redirect with status %i", async (status) => {
    const other = await startRawProvider();
    raw.answer((_req, res) => res.writeHead(status, { location: `${other.url}/steal` }).end());
    expect(await send()).toMatchObject({ status, body: "" });
    expect(other.seen).toEqual([]);
    await other.close();
  });

  it("does not decompress what nobody asked to be compressed", async () => {
    raw.answer((_req, res) =>
      res.writeHead(200, { "content-encoding": "gzip" }).end("\u001F\u008Bnot really", "latin1"),
    );
    expect(await send()).toMatchObject({ body: "\u001F\u008Bnot really" });
  });

  it("tells a connection that was refused", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    for (const host of ["127.0.0.1", "localhost"]) {
      const { error, told } = await send({ url: `http://${host}:${port}/v1` });
      expect(told).toEqual(["error"]);
      expect(error).toMatchObject({
        kind: "upstream",
        code: "ECONNREFUSED",
        message: `provider ${host}:${port}: connection refused: nothing listens there`,
      });
    }
  });

  it("tells a connection that closed before any head", async () => {
    raw.answer((req) => req.socket.destroy());
    expect(await send()).toMatchObject({ told: ["error"], error: { kind: "upstream" } });
    raw.answer((req) => req.socket.resetAndDestroy());
    const { error } = await send();
    expect(error?.message).toMatch(/connection was (?:reset|closed)$/);
  });

  it("trap 39: tells a connection that closed in the middle of an answer", async () => {
    raw.answer((req, res) => {
      res.write("half");
      res.write(" an answer", () => req.socket.destroy());
    });
    expect(await send()).toMatchObject({ told: ["head", "data", "error"], error: { kind: "upstream" } });
  });

  it("tells what is no HTTP", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { error } = await send({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
    expect(error).toMatchObject({ kind: "upstream" });
    server.close();
  });

  it("refuses headers that cannot be sent, without a word of them", async () => {
    const error = await new Promise<GatewayError>((resolve) => {
      const request = {
        method: "POST",
        url: raw.url,
        headers: { authorization: "Bearer se\ncret" },
        body: "{}",
      };
      const never = () => undefined;
      upstream.send(provider, request, { onHead: never, onData: never, onEnd: never, onError: resolve });
    });
    expect(error.kind).toBe("upstream");
    expect(error.message).not.toContain("cret");
  });
});

describe("abort", () => {
  const silent = () => {
    const told: string[] = [];
    return {
      told,
      sink: {
        onHead: () => told.push("head"),
        onData: () => told.push("data"),
        onEnd: () => told.push("end"),
        onError: () => told.push("error"),
      },
    };
  };
  const request = () => ({ method: "POST", url: raw.url, headers: {}, body: "{}" });

  it("trap 43: closes the connection before any head came", async () => {
    let closing: Promise<unknown> | undefined;
    const arrived = new Promise<void>((resolve) => {
      raw.answer((req) => {
        closing = whenClosed(req);
        resolve();
      });
    });
    const { told, sink } = silent();
    const handle = upstream.send(provider, request(), sink);
    await arrived;
    handle.abort();
    await closing;
    expect(told).toEqual([]);
  }, 2000);

  it("trap 43: closes the connection in the middle of an answer, and says nothing more", async () => {
    let closing: Promise<unknown> | undefined;
    raw.answer((req, res) => {
      closing = whenClosed(req);
      res.write("begin");
    });
    const { told, sink } = silent();
    await new Promise<void>((resolve) => {
      const handle = upstream.send(provider, request(), {
        ...sink,
        onData: () => {
          handle.abort();
          resolve();
        },
      });
    });
    await closing;
    expect(told).toEqual(["head"]);
  }, 2000);

  it("sends nothing at all when it comes at once", async () => {
    const before = raw.seen.length;
    const { told, sink } = silent();
    upstream.send(provider, request(), sink).abort();
    raw.answer((_req, res) => res.end("x"));
    await send();
    expect(raw.seen).toHaveLength(before + 1);
    expect(told).toEqual([]);
  });

  it("does no harm when the answer is over", async () => {
    raw.answer((_req, res) => res.end("x"));
    const { sink, told } = silent();
    await new Promise<void>((resolve) => {
      const handle = upstream.send(provider, request(), {
        ...sink,
        onEnd: () => (handle.abort(), resolve()),
      });
    });
    expect(told).toEqual(["head", "data"]);
    expect(await send()).toMatchObject({ body: "x" });
  });
});

describe("pause and resume", () => {
  it("hold a provider back that writes faster than the client reads, and lose nothing", async () => {
    const piece = Buffer.alloc(1 << 20, "x");
    const pieces = 48;
    let written = 0;
    raw.answer((_req, res) => {
      const write = (): void => {
        while (written < pieces) {
          written++;
          if (!res.write(piece)) return void res.once("drain", write);
        }
        res.end();
      };
      write();
    });
    let paused: UpstreamHandle | undefined;
    let received = 0;
    let atPause = 0;
    const done = new Promise<void>((resolve, reject) => {
      const handle: UpstreamHandle = upstream.send(
        provider,
        { method: "POST", url: raw.url, headers: {}, body: "{}" },
        {
          onHead: () => undefined,
          onData: (chunk) => {
            received += chunk.length;
            if (paused) return;
            handle.pause();
            paused = handle;
          },
          onEnd: resolve,
          onError: reject,
        },
      );
    });
    const other = await startRawProvider();
    // Work on another connection, long enough for the whole answer if nothing held it back.
    for (let turn = 0; turn < 50; turn++) {
      await send({ url: other.url });
      if (turn === 25) atPause = received;
    }
    expect(paused).toBeDefined();
    expect(received).toBe(atPause);
    expect(written).toBeLessThan(pieces);
    paused?.resume();
    await done;
    expect(received).toBe(pieces * piece.length);
    await other.close();
  });
});

describe("dispatcher", () => {
  it("is shared by providers that need no other connections", async () => {
    const agent = upstream.dispatcher(provider);
    expect(upstream.dispatcher({ ...provider, baseUrl: "http://192.168.1.9:1", keys: ["a"] })).toBe(agent);
    // One that must not end at a private address has connections of its own.
    expect(upstream.dispatcher({ ...provider, baseUrl: "http://other.example" })).not.toBe(agent);
    expect(upstream.dispatcher({ ...provider, timeouts: { connect: 5 } })).not.toBe(agent);
    await agent;
  });

  it("tells a certificate file that is not there, and tries again the next time", async () => {
    const broken = { ...provider, caFile: "/nonexistent/ca.pem" };
    for (let time = 0; time < 2; time++) {
      const error = await new Promise<GatewayError>((resolve) => {
        const never = () => undefined;
        const request = { method: "GET", url: raw.url, headers: {} };
        upstream.send(broken, request, { onHead: never, onData: never, onEnd: never, onError: resolve });
      });
      expect(error).toMatchObject({ kind: "upstream", code: "ENOENT" });
    }
  });
});

describe("toUrl", () => {
  const openai = { baseSuffixes: ["/v1"], unversionedHosts: ["m.example"] } as unknown as ProviderFace;
  const gemini = { baseSuffixes: ["/v1beta", "/v1"] } as unknown as ProviderFace;
  const ollama = { baseSuffixes: ["/api", "/v1"] } as unknown as ProviderFace;
  const chat = "/v1/chat/completions";
  it.each([
    [openai, "https://api.openai.com", chat, "https://api.openai.com/v1/chat/completions"],
    [openai, "https://api.openai.com/", chat, "https://api.openai.com/v1/chat/completions"],
    [openai, "https://api.openai.com/v1", chat, "https://api.openai.com/v1/chat/completions"],
    [openai, "https://api.openai.com/v1//", chat, "https://api.openai.com/v1/chat/completions"],
    [openai, "https://api.openai.com/v1/v1", chat, "https://api.openai.com/v1/chat/completions"],
    [openai, "https://openrouter.ai/api/v1", chat, "https://openrouter.ai/api/v1/chat/completions"],
    [openai, "https://api.z.ai/api/paas/v4", chat, "https://api.z.ai/api/paas/v4/chat/completions"],
    [openai, "https://g.example/v1beta/openai/", chat, "https://g.example/v1beta/openai/chat/completions"],
    [openai, "https://g.example/v1beta/openai/v1", chat, "https://g.example/v1beta/openai/chat/completions"],
    [openai, "https://a.example/v1/gateway", chat, "https://a.example/v1/gateway/chat/completions"],
    [openai, "https://m.example/inference", chat, "https://m.example/inference/chat/completions"],
    [openai, "http://v1", chat, "http://v1/v1/chat/completions"],
    [openai, "http://v1/", chat, "http://v1/v1/chat/completions"],
    [
      openai,
      "http://a.example/openai?api-version=2024-10-21",
      chat,
      "http://a.example/openai/v1/chat/completions?api-version=2024-10-21",
    ],
    [openai, "HTTP://LOCALHOST:80/v1", chat, "http://localhost/v1/chat/completions"],
    [ollama, "http://api", "/api/chat", "http://api/api/chat"],
    [ollama, "http://localhost:11434/api", "/api/chat", "http://localhost:11434/api/chat"],
    [ollama, "http://localhost:11434/v1", "/api/chat", "http://localhost:11434/api/chat"],
    [
      gemini,
      "https://g.example/v1beta",
      "/v1beta/models/a:b?alt=sse",
      "https://g.example/v1beta/models/a:b?alt=sse",
    ],
    [
      gemini,
      "https://g.example?x=1",
      "/v1beta/models/a:b?alt=sse",
      "https://g.example/v1beta/models/a:b?alt=sse&x=1",
    ],
  ])("(%#) %s %s", (face, base, path, expected) => {
    const url = toUrl(base, path, face);
    expect(url).toBe(expected);
    expect(new URL(url).href).toBe(expected);
  });
});

describe("toHeaders", () => {
  const face = {
    headers: { "x-version": "1" },
    authHeaders: (key: string) => ({ authorization: `Bearer ${key}` }),
  } as unknown as ProviderFace;

  it("asks for nothing compressed and carries the key", () => {
    expect(toHeaders(face, provider, "k", { "x-version": "2", "x-beta": "b" })).toEqual({
      "content-type": "application/json",
      accept: "*/*",
      "accept-encoding": "identity",
      "user-agent": "ccproxy",
      "x-version": "2",
      "x-beta": "b",
      authorization: "Bearer k",
    });
    expect(toHeaders(face, provider, undefined)).not.toHaveProperty("authorization");
  });

  it("lets configured headers have the last word, in whatever case they were written", () => {
    const own = { ...provider, headers: { Authorization: "Basic x", "User-Agent": "mine" } };
    const headers = toHeaders(face, own, "k");
    expect(headers).toMatchObject({ authorization: "Basic x", "user-agent": "mine" });
    expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).toEqual([]);
  });
});
