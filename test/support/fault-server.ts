import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { ProtocolName } from "./daemon.ts";
import { WORDS, type Words } from "./provider-words.ts";

/** One request that reached the provider. */
export interface Attempt {
  protocol: ProtocolName;
  /** The first segment of the path, by which a provider of the configuration is told from others. */
  place: string;
  /** Asked for a stream. */
  stream: boolean;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  /** Resolves when the connection has closed, whoever closed it. */
  closed: Promise<void>;
  isClosed: () => boolean;
}

/** The provider's side of one exchange, down to the bytes. Connections are not used again. */
export interface Line {
  attempt: Attempt;
  words: Words;
  socket: Socket;
  /** Status line and headers of a chunked body. */
  head: (status?: number, headers?: Record<string, string>) => void;
  /** A chunk of it. Resolves once the bytes were handed to the system. */
  write: (text: string | Buffer) => Promise<void>;
  /** Its proper end. */
  end: () => void;
  /** A whole response with its length. */
  reply: (status: number, body: string | Buffer, headers?: Record<string, string>) => void;
  /** What was asked for, in its form: a stream in pieces, or a body cut into as many. */
  answer: (pieces: string[], whole: string) => string[];
  /** The type of `answer`. */
  type: string;
  reset: () => void;
}

/** How a request is answered, or not. `count`: how many came to its place before, from 0. */
export type Play = (line: Line, count: number) => unknown;

export interface FaultServer {
  url: string;
  /** Answers all requests to a place from here on. */
  play: (place: string, play: Play) => void;
  /** By place, oldest first. */
  attempts: (place: string) => Attempt[];
  forget: () => void;
  /** Connections that are open. */
  open: () => number;
  close: () => Promise<void>;
}

export interface FaultServerOptions {
  /** Speak TLS with this certificate. */
  tls?: { cert: string; key: string };
}

/** A provider on a raw socket that knows as much HTTP/1.1 as it needs to break its rules. */
export async function startFaultServer({ tls }: FaultServerOptions = {}): Promise<FaultServer> {
  const plays = new Map<string, Play>();
  const attempts = new Map<string, Attempt[]>();
  const sockets = new Set<Socket>();

  const listener = (socket: Socket): void => {
    sockets.add(socket);
    const closed = new Promise<void>((resolve) => {
      socket.on("close", () => {
        sockets.delete(socket);
        resolve();
      });
    });
    socket.on("error", () => undefined);
    let received = Buffer.alloc(0);
    let asked = false;
    socket.on("data", (data: Buffer) => {
      if (asked) return;
      received = Buffer.concat([received, data]);
      const request = readRequest(received);
      if (!request) return;
      asked = true;
      const { path, headers, body } = request;
      const [, place = ""] = path.split("/");
      // Facts about models are not known here.
      if (!/\/chat|\/messages|\/responses|:(?:stream)?generateContent/i.test(path))
        return socket.end(toHead(404, {}));
      const attempt: Attempt = {
        protocol: toProtocol(path),
        place,
        stream: isStream(path, body),
        headers,
        body,
        closed,
        isClosed: () => socket.destroyed,
      };
      const list = attempts.get(place) ?? [];
      attempts.set(place, [...list, attempt]);
      plays.get(place)?.(createLine(socket, attempt), list.length);
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    play: (place, play) => void plays.set(place, play),
    attempts: (place) => attempts.get(place) ?? [],
    forget: () => attempts.clear(),
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createLine(socket: Socket, attempt: Attempt): Line {
  const words = WORDS[attempt.protocol];
  const type = attempt.stream ? words.type : words.wholeType;
  const write = (bytes: string | Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (socket.destroyed) return resolve();
      socket.write(bytes, () => resolve());
    });
  return {
    attempt,
    words,
    socket,
    type,
    head(status = 200, headers = {}) {
      const all = { "content-type": type, ...headers, "transfer-encoding": "chunked" };
      void write(toHead(status, all));
    },
    write(text) {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      if (bytes.length === 0) return Promise.resolve();
      return write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]));
    },
    end() {
      if (!socket.destroyed) socket.end("0\r\n\r\n");
    },
    reply(status, body, headers = {}) {
      const bytes = Buffer.from(body);
      const all = { "content-type": "application/json", ...headers, "content-length": String(bytes.length) };
      socket.end(Buffer.concat([Buffer.from(toHead(status, all)), bytes]));
    },
    answer(pieces, whole) {
      if (attempt.stream) return pieces;
      const size = Math.ceil(whole.length / pieces.length);
      return pieces.map((_piece, index) => whole.slice(index * size, (index + 1) * size));
    },
    reset: () => void socket.resetAndDestroy(),
  };
}

const toHead = (status: number, headers: Record<string, string>): string => {
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
};

/** A request with all of its body; undefined: more is to come. */
function readRequest(bytes: Buffer) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((text) => {
      const colon = text.indexOf(":");
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers["content-length"] ?? 0);
  const body = bytes.subarray(end + 4);
  if (body.length < length) return undefined;
  const text = body.subarray(0, length).toString("utf8");
  return {
    path: first.split(" ")[1] ?? "/",
    headers,
    body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

function toProtocol(path: string): ProtocolName {
  if (path.includes("/messages")) return "claude";
  if (path.includes("/models/")) return "gemini";
  if (path.includes("/responses")) return "openai-responses";
  return path.includes("/api/") ? "ollama" : "openai";
}

function isStream(path: string, { stream }: Record<string, unknown>): boolean {
  if (path.includes("/models/")) return path.includes(":streamGenerateContent");
  return path.includes("/api/") ? stream !== false : stream === true;
}

const CRLF = Buffer.from("\r\n");
