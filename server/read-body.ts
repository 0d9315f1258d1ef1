import { isAscii } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { ClientFace } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { ServerConfig } from "../storage/types.ts";
import { alarms } from "./alarms.ts";
import { checkText, refuseProtoKeys } from "./body-limits.ts";
import { readArrived } from "./read-arrived.ts";
import { createKnownTools, type ShortText } from "./known-tools.ts";
import { atTurnEnd } from "./turn.ts";
import { createDecoder, type BodyDecoder } from "./decode-body.ts";

export interface ReadOptions {
  /** Of the body as it is read: what is sent encoded may be larger than it looks. */
  maxBytes: number;
  /** How long the client may send nothing before its body is complete. Default 30 s. */
  idleMs?: number;
  /** How long it may take for all of it. Default 5 minutes. */
  totalMs?: number;
}

export interface Body {
  bytes: Buffer;
  /** Begins with them, and belongs to nobody else: there may be room behind, so that they can be changed in place. */
  room: Buffer;
}

/** The whole body of a request, decoded. Looks for it at the end of the turn that brought its head. */
export function readBody(req: IncomingMessage, options: ReadOptions): Promise<Body> {
  return new Promise((resolve, reject) => {
    const { maxBytes } = options;
    if (Number(req.headers["content-length"]) > maxBytes) return reject(tooLarge(maxBytes));
    atTurnEnd(() => {
      const bytes = readArrived(req, maxBytes);
      resolve(bytes ? { bytes, room: bytes } : gather(req, options));
    });
  });
}

/** What comes piece by piece. Event based: no per-chunk promise. */
function gather(
  req: IncomingMessage,
  { maxBytes, idleMs = IDLE_MS, totalMs = TOTAL_MS }: ReadOptions,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    if (req.destroyed) return reject(new GatewayError("cancelled", "the request broke off"));
    const chunks: Buffer[] = [];
    let size = 0;
    let over = false;
    let decoder: BodyDecoder | undefined = undefined;
    const end = performance.now() + totalMs;
    const alarm = {
      due: 0,
      place: -1,
      ring: () => finish(tooSlow(performance.now() >= end ? totalMs : idleMs)),
    };
    const wait = (): void => alarms.set(alarm, Math.min(performance.now() + idleMs, end));
    const finish = (error?: GatewayError): void => {
      if (over) return;
      over = true;
      alarms.clear(alarm);
      decoder?.destroy();
      if (error) reject(error);
      else resolve(join(chunks, size));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (over) return;
      if (size > maxBytes) finish(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    wait();
    try {
      decoder = createDecoder(req.headers["content-encoding"], {
        onData: take,
        onEnd: finish,
        onError: finish,
      });
    } catch (error) {
      return finish(error as GatewayError);
    }
    req.on("data", (chunk: Buffer) => {
      if (over) return;
      wait();
      if (decoder) decoder.push(chunk);
      else take(chunk);
    });
    req.on("end", () => (decoder ? decoder.end() : finish()));
    req.on("error", (cause) => finish(new GatewayError("cancelled", "the request broke off", { cause })));
    req.on("close", () => {
      if (!req.complete) finish(new GatewayError("cancelled", "the request broke off"));
    });
  });
}

function join(chunks: Buffer[], size: number): Body {
  const [first] = chunks;
  if (first && chunks.length === 1) return { bytes: first, room: first };
  const room = Buffer.allocUnsafeSlow(size + SPARE);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(room, at);
  return { bytes: room.subarray(0, size), room };
}

/** A request's body as text, within the configured limit. */
export const readText = async (req: IncomingMessage, server: ServerConfig): Promise<string> =>
  toText((await readLimited(req, server)).bytes).text;

/** A request's body, within the configured limit. */
export const readLimited = (req: IncomingMessage, server: ServerConfig): Promise<Body> =>
  readBody(req, { maxBytes: server.maxBodyBytes ?? DEFAULT_MAX_BYTES });

/** The text of a request's body; `plain`: every letter of it is a byte. */
export function toText(body: Buffer): { text: string; plain: boolean } {
  const plain = isAscii(body);
  // The same for plain letters, and faster.
  return { text: body.toString(plain ? "latin1" : "utf8"), plain };
}

/** The body as JSON. Refuses nesting that later stages could not write again. */
export const parseJson = (text: string): unknown => readJson(text, {}).body;

/**
 * The body as JSON, and its text: that of the value, where the protocol's own server would not look at the rest. `short`:
 * the same text, where most of it is known.
 * Throws GatewayError("invalid-request").
 */
export function readJson(
  text: string,
  face: Pick<ClientFace, "parseBody">,
): { body: unknown; text: string; short?: ShortText } {
  if (!/\S/.test(text)) {
    throw new GatewayError("invalid-request", "request body is empty: expected a JSON object", {
      code: "empty_body",
    });
  }
  const bare = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  let short: ShortText | undefined;
  const known = knownTools.read(bare, (found) => (short = found));
  if (known !== undefined) return { body: known, text, short: bare === text ? short : undefined };
  // Before it is parsed: what is parsed already takes time and memory.
  checkText(bare);
  let body: unknown;
  let whole = true;
  try {
    body = JSON.parse(bare);
  } catch (cause) {
    if (!face.parseBody) throw notJson(cause);
    body = face.parseBody(bare);
    whole = false;
  }
  refuseProtoKeys(bare, body);
  if (whole) knownTools.learn(bare, body);
  return { body, text: whole ? text : JSON.stringify(body) };
}

function notJson(cause: unknown): GatewayError {
  const message = `request body is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new GatewayError("invalid-request", message, { code: "invalid_json", cause });
}

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError(
    "too-large",
    `request body is larger than ${maxBytes} bytes, the limit of server.maxBodyBytes`,
  );

const tooSlow = (ms: number): GatewayError =>
  new GatewayError("timeout", `request body: nothing came, or not all of it, within ${ms / 1000} s`, {
    status: 408,
    code: "request_timeout",
  });

const knownTools = createKnownTools();
const BYTE_ORDER_MARK = 0xfeff;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
/** Bytes: a long name of a model. */
const SPARE = 256;
const IDLE_MS = 30_000;
const TOTAL_MS = 300_000;
