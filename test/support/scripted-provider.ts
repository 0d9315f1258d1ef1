import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { adapters } from "../../adapters/index.ts";
import type { Call, ClientFace, WriteContext } from "../../adapters/adapter.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { foldEvents } from "../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { createMatcher } from "../../server/match.ts";

/** What a provider was asked, as it came over the wire and as it was understood. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
  /** The body as it came. */
  text: string;
  /** undefined for what is no chat. */
  request?: UnifiedRequest;
  /** Resolves when the connection of this request closed. */
  closed: Promise<void>;
}

export interface ScriptedProvider {
  /** `http://127.0.0.1:1234`; every protocol is served below it. */
  url: string;
  seen: SeenRequest[];
  close: () => Promise<void>;
}

/** Answers a chat with events, or takes the raw response into its own hands by returning nothing. */
export type Script = (
  request: UnifiedRequest,
  raw: { res: ServerResponse; call: Call; face: ClientFace },
) => StreamEvent[] | undefined;

/**
 * A provider on a real socket that speaks all five protocols, by the protocols' own client faces. What it says is
 * up to the script; each event leaves as a write of its own.
 */
export async function startScriptedProvider(
  script: Script,
  models = ["model-a", "model-b"],
): Promise<ScriptedProvider> {
  const match = createMatcher(adapters);
  const seen: SeenRequest[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => answer(req, res, Buffer.concat(chunks).toString("utf8")));
  });

  function answer(req: IncomingMessage, res: ServerResponse, text: string): void {
    const url = new URL(req.url ?? "/", "http://provider");
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    const closed = new Promise<void>((resolve) => {
      res.on("close", resolve);
    });
    const record: SeenRequest = {
      method: req.method ?? "",
      url: req.url ?? "",
      headers: req.headers,
      body,
      text,
      closed,
    };
    seen.push(record);
    const headers = req.headers as Record<string, string | undefined>;
    const result = match(req.method ?? "", url.pathname, url.searchParams, headers);
    if (!("found" in result)) return void res.writeHead(404).end(`no route ${req.url}`);
    const { face, call } = result.found;
    const infos = models.map((id) => ({ id }));
    if (call.job === "models") return sendJson(res, face.models?.writeList(infos, call));
    if (call.variant === "pull") return sendPulled(res, body.stream !== false);
    if (call.job !== "chat" && call.job !== "embed") return void res.writeHead(404).end();
    try {
      if (call.job === "embed" && face.embeddings) {
        const request = face.embeddings.parse(body, call);
        const vectors = request.input.map((input, index) => [index + 1, String(input).length, 0.5]);
        return sendJson(
          res,
          face.embeddings.write({ vectors, inputTokens: 3 }, request, { call, elapsedMs: 1 }),
        );
      }
      record.request = face.parseRequest(body, call);
    } catch (error) {
      // What its own reader refuses, a provider refuses; anything else is a fault, whose status no provider gives.
      if (!(error instanceof GatewayError)) return void res.writeHead(418).end(String(error));
      const refusal = face.writeError(error, call);
      return void res.writeHead(refusal.status, refusal.headers).end(refusal.body);
    }
    // Nothing is said where only a model is loaded.
    const direct = face.answerDirectly?.(record.request, call, toWriteContext(call, record.request));
    if (direct !== undefined) return sendJson(res, direct);
    const events = script(record.request, { res, call, face });
    if (events) sendEvents(res, face, call, record.request, events);
  }

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

/** Events in a protocol's own writing: a stream where one was asked for, else one body. */
export function sendEvents(
  res: ServerResponse,
  face: ClientFace,
  call: Call,
  request: UnifiedRequest,
  events: StreamEvent[],
): void {
  const context = toWriteContext(call, request);
  if (!request.stream)
    return sendJson(res, face.writeResponse(foldEvents(events), context), face.responseHeaders);
  res.writeHead(200, face.streamHeaders(call));
  const writer = face.createStreamWriter(context);
  for (const event of events) res.write(writer.push([event]));
  res.end(writer.end());
}

/** What a provider's answers are written with: ids and times that are the same in every run. */
export function toWriteContext(call: Call, request: UnifiedRequest): WriteContext {
  let count = 0;
  const newId = (): string => `provider${count++}`.padEnd(24, "0");
  return { call, request, id: newId(), newId, createdAt: 1_700_000_000_000, now: () => 1_700_000_000_500 };
}

/** How fetching a model went: it is there. */
function sendPulled(res: ServerResponse, stream: boolean): void {
  if (!stream) return sendJson(res, { status: "success" });
  res.writeHead(200, { "content-type": "application/x-ndjson" });
  res.end('{"status":"pulling manifest"}\n{"status":"success"}\n');
}

function sendJson(
  res: ServerResponse,
  body: unknown,
  headers: Record<string, string> = { "content-type": "application/json" },
): void {
  res.writeHead(200, headers).end(JSON.stringify(body));
}

/** A short answer, where what it says does not matter. */
export const FINE: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "fine" },
  { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 1 } },
];
