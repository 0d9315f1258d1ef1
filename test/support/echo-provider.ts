import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface EchoProvider {
  port: number;
  /** How it fails next. */
  fail: (mode: EchoMode) => void;
  /** Everything it said. */
  said: string[];
  /** Everything it was asked, as `METHOD /path`. */
  asked: string[];
  close: () => Promise<void>;
}

/** A status, or `stream`: it begins to answer and ends with an error. `whole`: an error under status 200. */
export type EchoMode = number | "html" | "stream" | "whole" | "cut";

/** A provider that never answers, and quotes whatever it was sent in its errors: keys, headers, address, body. */
export async function startEchoProvider(): Promise<EchoProvider> {
  const said: string[] = [];
  const asked: string[] = [];
  let mode: EchoMode = 500;

  function answer(req: IncomingMessage, res: ServerResponse, body: string): void {
    asked.push(`${req.method} ${req.url}`);
    const credentials = Object.entries(req.headers).filter(([name]) => /auth|key|token/.test(name));
    const values = credentials.flatMap(([, value]) => [String(value), String(value).split(" ").at(-1) ?? ""]);
    const message = [
      `bad credentials ${values.join(" ")}`,
      `(${values.map((value) => value.slice(0, 16)).join("..., ")}...)`,
      ...values.map((value) => Buffer.from(value).toString("base64")),
      ...values.map((value) => encodeURIComponent(value)),
      `at ${req.url}`,
      `in ${body.slice(0, 600)}`,
    ].join(" ");
    const error = { message, type: "server_error", code: values[0], param: values.at(-1) };
    const send = (text: string): void => {
      said.push(text);
      res.end(text);
    };
    if (typeof mode === "number") {
      res.writeHead(mode, {
        "content-type": "application/json",
        location: `http://127.0.0.1:1/?${values[0]}`,
      });
      return send(JSON.stringify({ error, type: "error" }));
    }
    if (mode === "html") {
      res.writeHead(502, { "content-type": "text/html" });
      return send(`<html><body>${message}</body></html>`);
    }
    if (mode === "whole") {
      res.writeHead(200, { "content-type": "application/json" });
      return send(JSON.stringify({ error }));
    }
    const [type, ...lines] = STREAMS.find(([path]) => path.test(req.url ?? ""))?.[1](error) ?? [
      "text/plain",
      message,
    ];
    res.writeHead(200, { "content-type": type });
    if (mode === "stream") return send(lines.join(""));
    res.write(lines[0]);
    setTimeout(() => res.destroy(), 5);
  }

  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => answer(req, res, Buffer.concat(chunks).toString("utf8")));
  });
  server.on("connect", (req, socket) => {
    asked.push(`CONNECT ${req.url}`);
    const text = `HTTP/1.1 407 ${req.headers["proxy-authorization"]}\r\nx-echo: ${req.headers["proxy-authorization"]}\r\n\r\n`;
    said.push(text);
    socket.end(text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    fail: (next) => (mode = next),
    said,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const sse = (...events: object[]): string =>
  events
    .map(
      (event) =>
        `${"type" in event ? `event: ${String(event.type)}\n` : ""}data: ${JSON.stringify(event)}\n\n`,
    )
    .join("");

/** By path: the beginning of an answer, and an error after it. */
const STREAMS: [RegExp, (error: { message: string }) => [type: string, ...string[]]][] = [
  [
    /chat\/completions/,
    (error) => [
      "text/event-stream",
      sse({
        id: "1",
        object: "chat.completion.chunk",
        created: 1,
        model: "m",
        choices: [{ index: 0, delta: { role: "assistant", content: "Hello" } }],
      }),
      `data: ${JSON.stringify({ error })}\n\n`,
    ],
  ],
  [
    /responses/,
    (error) => [
      "text/event-stream",
      sse(
        {
          type: "response.created",
          sequence_number: 0,
          response: { id: "r", object: "response", status: "in_progress", output: [] },
        },
        {
          type: "response.output_item.added",
          sequence_number: 1,
          output_index: 0,
          item: { id: "i", type: "message", role: "assistant", content: [] },
        },
        {
          type: "response.output_text.delta",
          sequence_number: 2,
          output_index: 0,
          content_index: 0,
          item_id: "i",
          delta: "Hello",
        },
      ),
      sse({ ...error, type: "error", sequence_number: 3 }),
    ],
  ],
  [
    /messages/,
    (error) => [
      "text/event-stream",
      sse(
        {
          type: "message_start",
          message: {
            id: "m",
            type: "message",
            role: "assistant",
            model: "m",
            content: [],
            usage: { input_tokens: 1, output_tokens: 0 },
          },
        },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
      ),
      sse({ type: "error", error: { type: "api_error", message: error.message } }),
    ],
  ],
  [
    /enerateContent/,
    (error) => [
      "text/event-stream",
      sse({ candidates: [{ index: 0, content: { role: "model", parts: [{ text: "Hello" }] } }] }),
      sse({ error: { ...error, code: 500, status: "INTERNAL" } }),
    ],
  ],
  [
    /api\/(?:chat|generate)/,
    (error) => [
      "application/x-ndjson",
      `${JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content: "Hello" }, response: "Hello", done: false })}\n`,
      `${JSON.stringify({ error: error.message })}\n`,
    ],
  ],
];
