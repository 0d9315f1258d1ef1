import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeRequest {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** undefined where it is no JSON. */
  body: Record<string, unknown> | undefined;
  closed: Promise<void>;
}

export interface FakeOllama {
  url: string;
  seen: FakeRequest[];
  close: () => Promise<void>;
}

/** Answers by method and path (`POST /api/show`): a value as JSON, a function by itself. */
export type FakeAnswers = Record<string, unknown>;
export type FakeAnswer = (request: FakeRequest, res: ServerResponse) => void;

/** A server with an Ollama's manners where the scripted provider has none: models that can be managed. */
export async function startFakeOllama(answers: FakeAnswers): Promise<FakeOllama> {
  const seen: FakeRequest[] = [];
  const server = createServer((req, res) => {
    const closed = new Promise<void>((resolve) => {
      res.on("close", resolve);
    });
    const chunks: Buffer[] = [];
    req.on("error", () => undefined);
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const { method = "", url = "", headers } = req;
      const request = { method, url, headers, text, body: toJson(text), closed };
      seen.push(request);
      const answer = answers[`${method} ${url}`];
      if (typeof answer === "function") return void (answer as FakeAnswer)(request, res);
      if (answer === undefined) return void res.writeHead(404).end("404 page not found");
      res.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
