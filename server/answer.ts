import type { ServerResponse } from "node:http";
import type { ClientFace, WriteContext } from "../adapters/adapter.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { createFold } from "../adapters/fold.ts";
import type { StreamEvent } from "../adapters/unified.ts";

/** The client's side of one chat: takes events and sends them in the client's protocol, streamed or whole. */
export interface Answer {
  /** A provider is about to be asked: what one before it began to say, unsent, is forgotten. */
  begin: () => void;
  /** Returns false when the client reads slower than the provider writes. */
  take: (events: StreamEvent[]) => boolean;
  /** Everything was taken. Throws what makes a full answer impossible. */
  finish: () => void;
  /** Ends a stream that already began with its protocol's error. */
  fail: (error: GatewayError) => void;
  /** Keeps a waiting client patient, where its protocol has something for that. */
  keepAlive: () => void;
  /** Something of the answer has been sent: no other provider may be tried any more. */
  readonly committed: boolean;
  /** The status line has been sent: an error can only be told inside the stream. */
  readonly headSent: boolean;
  onDrain: (resume: () => void) => void;
}

export interface AnswerOptions {
  res: ServerResponse;
  face: ClientFace;
  context: WriteContext;
  /** Headers beside the protocol's own. */
  headers: () => Record<string, string>;
  /** Takes the full answer's body once it was sent. */
  onDone?: (body: unknown) => void;
}

export function createAnswer(options: AnswerOptions): Answer {
  return options.context.request.stream ? createStreamed(options) : createWhole(options);
}

function createStreamed({ res, face, context, headers, onDone }: AnswerOptions): Answer {
  const writer = face.createStreamWriter(context);
  // What comes before the first piece of the answer waits, so that another provider can still be tried.
  let waiting: StreamEvent[] = [];
  let committed = false;
  let headSent = false;

  const sendHead = (): void => {
    if (headSent) return;
    headSent = true;
    res.writeHead(200, { ...face.streamHeaders(context.call), ...headers() });
  };
  const send = (text: string): boolean => (text === "" || res.destroyed ? true : res.write(text));
  return {
    begin() {
      waiting = [];
    },
    get committed() {
      return committed;
    },
    get headSent() {
      return headSent;
    },
    take(events) {
      let batch = events;
      if (!committed) {
        waiting.push(...events);
        if (!waiting.some((event) => event.type !== "start")) return true;
        committed = true;
        batch = waiting;
        waiting = [];
      }
      const text = writer.push(batch);
      // Native Ollama holds its headers until the first object exists; so does everything here.
      if (text === "") return true;
      sendHead();
      return send(text);
    },
    finish() {
      const text = writer.end();
      sendHead();
      if (!res.destroyed) res.end(text);
      onDone?.(writer.result?.());
    },
    fail(error) {
      const text = writer.push([{ type: "error", error }]) + writer.end();
      if (!res.destroyed) res.end(text);
    },
    keepAlive() {
      if (face.keepAlive === undefined || res.destroyed) return;
      if (!headSent && !face.keepAliveEarly) return;
      sendHead();
      res.write(face.keepAlive);
    },
    onDrain: (resume) => res.once("drain", resume),
  };
}

function createWhole({ res, face, context, headers, onDone }: AnswerOptions): Answer {
  let fold = createFold();
  return {
    begin() {
      fold = createFold();
    },
    committed: false,
    headSent: false,
    take(events) {
      fold.push(events);
      return true;
    },
    finish() {
      const body = face.writeResponse(fold.end(), context);
      const text = JSON.stringify(body);
      sendBody(res, 200, { ...(face.responseHeaders ?? JSON_HEADERS), ...headers() }, text);
      onDone?.(body);
    },
    // Nothing was sent yet: the caller answers with a whole error.
    fail: () => undefined,
    keepAlive: () => undefined,
    onDrain: (resume) => resume(),
  };
}

/** A whole response in one write, with its length. */
export function sendBody(
  res: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  if (res.destroyed || res.headersSent) return;
  res.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  res.end(body);
}

const JSON_HEADERS = { "content-type": "application/json" };
