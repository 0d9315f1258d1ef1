import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { withRetryAt } from "./retry-at.ts";
import type { StopSignal } from "./stop-signal.ts";
import { createTimers } from "./timers.ts";
import type { Upstream, UpstreamHandle, UpstreamRequest } from "./upstream.ts";

export interface RelayBytesOptions {
  upstream: Upstream;
  provider: ProviderConfig;
  request: UpstreamRequest;
  parseError: (status: number, body: string, headers: Headers) => GatewayError;
  /** A successful answer begins. */
  onHead: (headers: Headers) => void;
  /** Bytes of it. Returns false when the client's buffer is full. What it throws ends the exchange. */
  onChunk: (chunk: Buffer) => boolean;
  /** The answer was seen to its end: how the connection ends does not matter any more. */
  isComplete?: () => boolean;
  /** The provider is done. What it throws ends the exchange. */
  onEnd?: () => void;
  /** Called after `onChunk` returned false; registers the resume. */
  onDrain: (resume: () => void) => void;
  /** The client went away. */
  signal: StopSignal;
}

/**
 * One exchange with a provider as bytes, synchronously per chunk, with back-pressure and timers. Resolves with the
 * error that ended it, or undefined when the answer is complete. Never rejects.
 */
export function relayBytes(options: RelayBytesOptions): Promise<GatewayError | undefined> {
  const { provider, request, signal } = options;
  return new Promise((resolve) => {
    const errorBody: Buffer[] = [];
    let errorSize = 0;
    let failed = false;
    let begun = false;
    let status = 0;
    let headers: Headers = {};
    let over = false;
    let handle: UpstreamHandle | undefined = undefined;

    const timers = createTimers(provider.timeouts, (error) => guarded(stop, error));
    const finish = (error?: GatewayError): void => {
      if (over) return;
      over = true;
      timers.clear();
      signal.removeEventListener("abort", onAbort);
      if (error) handle?.abort();
      resolve(error);
    };
    const onAbort = (): void => finish(toCause(signal));
    // Whatever the next stage trips over is the provider's fault, not the caller's, and must not end the process.
    const guarded = <T>(work: (given: T) => void, given: T): void => {
      if (over) return;
      try {
        work(given);
      } catch (cause) {
        finish(cause instanceof GatewayError ? cause : unreadable(cause));
      }
    };
    const stop = (error: GatewayError): void => {
      // An error that was begun says more than the silence after it.
      if (failed) return finish(readError());
      if (!options.isComplete?.()) return finish(error);
      options.onEnd?.();
      handle?.abort();
      finish();
    };
    const takeChunk = (chunk: Buffer): void => {
      if (failed) {
        errorBody.push(chunk);
        errorSize += chunk.length;
        if (errorSize >= MAX_ERROR_BODY) finish(readError());
        return;
      }
      timers.gotData();
      if (!begun && isCompressed(headers, chunk)) throw compressed();
      begun = true;
      const goOn = options.onChunk(chunk);
      if (options.isComplete?.()) return timers.end();
      if (goOn || over) return;
      handle?.pause();
      timers.hold();
      options.onDrain(() => {
        timers.gotData();
        handle?.resume();
      });
    };
    const takeEnd = (): void => {
      if (failed) return finish(readError());
      options.onEnd?.();
      finish();
    };
    const readError = (): GatewayError =>
      status < 400
        ? redirected(status)
        : withRetryAt(
            options.parseError(status, Buffer.concat(errorBody).toString("utf8"), headers),
            headers,
            Date.now(),
          );

    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    timers.start();
    handle = options.upstream.send(provider, request, {
      onHead(code, received) {
        status = code;
        headers = received;
        failed = code < 200 || code >= 300;
        if (!failed) guarded(options.onHead, received);
      },
      onData: (chunk) => guarded(takeChunk, chunk),
      onEnd: () => guarded(takeEnd, undefined),
      onError: (error) => guarded(stop, error),
    });
  });
}

/** Who asked has gone, or the daemon ends and says so. */
const toCause = ({ reason }: StopSignal): GatewayError =>
  reason instanceof GatewayError ? reason : new GatewayError("cancelled", "the client closed the connection");

/** None was asked for, and some do it without saying so: gzip shows in its first two bytes. */
const isCompressed = (headers: Headers, first: Buffer): boolean =>
  !PLAIN.has(headers["content-encoding"]?.toLowerCase()) || (first[0] === 0x1f && first[1] === 0x8b);

const compressed = (): GatewayError =>
  new GatewayError(
    "upstream",
    "the provider compressed its answer, although it was asked not to (accept-encoding: identity)",
  );

const unreadable = (cause: unknown): GatewayError =>
  new GatewayError("upstream", "the provider's answer cannot be read", { cause });

const redirected = (status: number): GatewayError =>
  new GatewayError(
    "upstream",
    `the provider answered with a redirect (HTTP ${status}), which is not followed so that its key stays with it: check its baseUrl`,
    { code: "redirect" },
  );

/** What is kept of a line of an answer at most, in bytes. */
export const MAX_LINE = 32 * 1024 * 1024;
export const tooLong = (): GatewayError =>
  new GatewayError("upstream", "a line of the provider's stream is too long");

const PLAIN = new Set([undefined, "", "identity"]);
const MAX_ERROR_BODY = 64 * 1024;
