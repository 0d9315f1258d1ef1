import type { IncomingMessage } from "node:http";
import type { ClientFace } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { ServerConfig } from "../storage/types.ts";
import { isDeeper } from "./json-text.ts";

/** The whole body of a request, at most `maxBytes` of it. Event based: no per-chunk promise. */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): GatewayError =>
      new GatewayError(
        "too-large",
        `request body is larger than ${maxBytes} bytes, the limit of server.maxBodyBytes`,
      );
    if (Number(req.headers["content-length"]) > maxBytes) return reject(tooLarge());
    const encoding = req.headers["content-encoding"];
    if (encoding && encoding.toLowerCase() !== "identity") {
      const message = `content-encoding: expected an unencoded body, got ${encoding}`;
      return reject(new GatewayError("invalid-request", message, { param: "content-encoding" }));
    }
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        req.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    req.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on("error", (cause) => reject(new GatewayError("cancelled", "the request broke off", { cause })));
    req.on("close", () => {
      if (!req.complete) reject(new GatewayError("cancelled", "the request broke off"));
    });
  });
}

/** A request's body as text, within the configured limit. */
export async function readText(req: IncomingMessage, server: ServerConfig): Promise<string> {
  return (await readBody(req, server.maxBodyBytes ?? DEFAULT_MAX_BYTES)).toString("utf8");
}

/** The body as JSON. Refuses nesting that later stages could not write again. */
export const parseJson = (text: string): unknown => readJson(text, {}).body;

/**
 * The body as JSON, and its text: that of the value, where the protocol's own server would not look at the rest.
 * Throws GatewayError("invalid-request").
 */
export function readJson(text: string, face: Pick<ClientFace, "parseBody">): { body: unknown; text: string } {
  if (text.trim() === "") {
    throw new GatewayError("invalid-request", "request body is empty: expected a JSON object", {
      code: "empty_body",
    });
  }
  const bare = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  let body: unknown;
  let whole = true;
  try {
    body = JSON.parse(bare);
  } catch (cause) {
    if (!face.parseBody) throw notJson(cause);
    body = face.parseBody(bare);
    whole = false;
  }
  if (isDeeper(bare, MAX_DEPTH)) {
    throw new GatewayError("invalid-request", `request body is nested deeper than ${MAX_DEPTH} levels`);
  }
  return { body, text: whole ? text : JSON.stringify(body) };
}

function notJson(cause: unknown): GatewayError {
  const message = `request body is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new GatewayError("invalid-request", message, { code: "invalid_json", cause });
}

// JSON.stringify overflows the stack where JSON.parse does not; nobody needs more than this.
const MAX_DEPTH = 128;
const BYTE_ORDER_MARK = 0xfeff;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
