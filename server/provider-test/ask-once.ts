import { createFold, replay } from "../../adapters/fold.ts";
import { GatewayError } from "../../adapters/errors.ts";
import type { UnifiedRequest, UnifiedResult } from "../../adapters/unified.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import { toBuildOptions } from "../build-options.ts";
import { isJsonBody } from "../content-type.ts";
import type { Deps } from "../deps.ts";
import { mergeParams } from "../merge-params.ts";
import { findProviderAdapter } from "../provider-adapter.ts";
import { relay } from "../relay.ts";
import { toHeaders } from "../to-headers.ts";
import { toUrl } from "../to-url.ts";
import type { Upstream } from "../upstream.ts";

export interface TestedTarget {
  providerId: string;
  provider: ProviderConfig;
  /** The key's value. */
  secret: string | undefined;
}

export interface Asked {
  result?: UnifiedResult;
  error?: GatewayError;
  ms: number;
  firstMs?: number;
  /** What its clock said, milliseconds since 1970. */
  date?: number;
  /** It came as a stream, not as one body. */
  streamed: boolean;
}

/** One chat with a provider the way the daemon has it: the adapter writes it, upstream sends it, the relay reads it. */
export async function askOnce(
  target: TestedTarget,
  request: UnifiedRequest,
  { adapters, upstream }: Pick<Deps, "adapters" | "upstream">,
  signal: AbortSignal,
): Promise<Asked> {
  const { provider, secret } = target;
  const face = findProviderAdapter(adapters, target).provider;
  const options = toBuildOptions(target);
  const wire = face.buildRequest(request, options);
  const fold = createFold();
  const began = performance.now();
  let firstMs: number | undefined;
  let streamed = false;
  let date: number | undefined;
  const watched: Upstream = {
    ...upstream,
    send: (to, sent, sink) =>
      upstream.send(to, sent, {
        ...sink,
        onHead(status, headers) {
          streamed = !isJsonBody(headers);
          const said = Date.parse(headers["date"] ?? "");
          if (!Number.isNaN(said)) date = said;
          sink.onHead(status, headers);
        },
      }),
  };
  let error = await relay({
    upstream: watched,
    provider,
    request: {
      method: wire.method,
      url: toUrl(provider.baseUrl, wire.path, face),
      headers: toHeaders(face, provider, secret, wire.headers),
      body: JSON.stringify(mergeParams(wire.body ?? {}, provider.params, undefined)),
    },
    stream: request.stream,
    createParser: () => face.createStreamParser(request, options),
    parseResponse: (body) => replay(face.parseResponse(body, request, options)),
    parseError: face.parseError,
    take(events) {
      firstMs ??= performance.now() - began;
      fold.push(events);
      return true;
    },
    onDrain: (resume) => resume(),
    signal,
  });
  const ms = performance.now() - began;
  let result: UnifiedResult | undefined;
  try {
    if (!error) result = fold.end();
  } catch (cause) {
    error =
      cause instanceof GatewayError
        ? cause
        : new GatewayError("upstream", "the answer cannot be read", { cause });
  }
  return {
    ms,
    streamed,
    ...(date !== undefined && { date }),
    ...(result && { result }),
    ...(error && { error }),
    ...(firstMs && { firstMs }),
  };
}
