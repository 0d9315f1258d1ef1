import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (req: IncomingMessage, res: ServerResponse) => void;

export interface RawProvider {
  url: string;
  /** Answers the next requests, until it is set again. */
  answer: (handler: Handler) => void;
  /** Every request so far, with its whole body. */
  seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[];
  close: () => Promise<void>;
}

/** A provider on a free port of 127.0.0.1 that says exactly what a test lets it say. */
export async function startRawProvider(): Promise<RawProvider> {
  const seen: RawProvider["seen"] = [];
  let handler: Handler = (_req, res) => res.end();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const { method, url, headers } = req;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString("utf8") });
      handler(req, res);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next) => {
      handler = next;
    },
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Resolves when the connection has closed, however that came about. */
export const whenClosed = (req: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    // Many requests of one connection may wait for its end.
    req.socket.setMaxListeners(0).on("close", () => resolve());
  });
