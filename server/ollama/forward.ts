import type { Readable } from "node:stream";
import { GatewayError } from "../../adapters/errors.ts";
import { writeGoNdjson } from "../../adapters/go-encode.ts";
import type { Storage } from "../../storage/types.ts";
import { sendBody } from "../send-body.ts";
import { isStreamBody } from "../content-type.ts";
import type { Exchange } from "../exchange.ts";
import { hideSecrets, withoutSecrets } from "../hide-secrets.ts";
import { logError } from "../log-error.ts";
import type { NativeTarget } from "../native-target.ts";
import { toHeaders } from "../to-headers.ts";
import { toUrl } from "../to-url.ts";

export interface ForwardRequest {
  method: "HEAD" | "POST" | "DELETE";
  path: string;
  /** JSON text, or a file on its way. */
  body?: string | Readable;
  headers?: Record<string, string>;
}

/**
 * Hands a request on to the provider and its answer back as it comes: bytes, with back-pressure, without timers, since
 * a download may be silent for an hour. Errors before the answer are thrown; after it has begun they are its last line.
 */
export function forward(exchange: Exchange, target: NativeTarget, request: ForwardRequest): Promise<void> {
  const { deps, res, signal, entry, adapter } = exchange;
  const { provider, providerId } = target;
  const face = adapter.provider;
  const key = provider.keys?.[0] === undefined ? undefined : deps.storage.resolveKey(provider.keys[0]);
  Object.assign(entry, { target: `${providerId}/${target.model}`, via: "pass-through" });
  return new Promise((resolve, reject) => {
    const failure: Buffer[] = [];
    let status = 0;
    let headers: Record<string, string> = {};
    let lastByte = NEWLINE;

    const done = (error?: GatewayError): void => {
      signal.removeEventListener("abort", onAbort);
      if (error) reject(error);
      else resolve();
    };
    const onAbort = (): void => {
      handle.abort();
      done(new GatewayError("cancelled", "the client closed the connection"));
    };
    const finish = (): void => {
      if (request.method === "HEAD" && status >= 200) sendBody(res, status, {}, "");
      else if (status >= 400)
        return done(face.parseError(status, Buffer.concat(failure).toString("utf8"), headers));
      else if (status < 200 || status >= 300)
        return done(
          new GatewayError("upstream", `the provider answered with HTTP ${status}: check its baseUrl`),
        );
      else if (res.headersSent) res.end();
      else sendBody(res, status, pick(headers), "");
      done();
    };
    const breakOff = (thrown: GatewayError): void => {
      if (!res.headersSent) return done(thrown);
      const error = withoutSecrets(deps.storage, thrown);
      entry.error = logError(error);
      const glue = lastByte === NEWLINE ? "" : "\n";
      if (isStreamBody(headers)) res.end(glue + writeGoNdjson({ error: error.message }));
      else res.destroy();
      done();
    };
    const handle = deps.upstream.send(
      provider,
      {
        method: request.method,
        url: toUrl(provider.baseUrl, request.path, face),
        headers: toHeaders(face, provider, key, request.headers),
        body: request.body,
      },
      {
        onHead(code, received) {
          status = code;
          headers = received;
        },
        onData(received) {
          const chunk = toShown(deps.storage, received);
          if (status < 200 || status >= 300) {
            if (failure.length < MAX_ERROR_CHUNKS) failure.push(chunk);
            return;
          }
          if (!res.headersSent) res.writeHead(status, pick(headers));
          lastByte = chunk.at(-1) ?? lastByte;
          if (res.write(chunk)) return;
          handle.pause();
          res.once("drain", () => handle.resume());
        },
        onEnd: finish,
        onError: breakOff,
      },
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Errors come as lines of the answer, too. */
function toShown(storage: Storage, chunk: Buffer): Buffer {
  if (!chunk.includes('"error"')) return chunk;
  return Buffer.from(hideSecrets(storage, chunk.toString("latin1")), "latin1");
}

const pick = (headers: Record<string, string>): Record<string, string> =>
  headers["content-type"] === undefined ? {} : { "content-type": headers["content-type"] };

const NEWLINE = 10;
const MAX_ERROR_CHUNKS = 64;
