import type { FetchOptions } from "ofetch";
import type { Adapter, WireRequest } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { ProviderConfig, Storage } from "../storage/types.ts";
import { answerDemo, DEMO_BASE_URL } from "./demo/answer-demo.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { toAbortSignal, type StopSignal } from "./stop-signal.ts";
import { toHeaders } from "./to-headers.ts";
import { toUrl } from "./to-url.ts";
import { toNetworkError } from "./to-network-error.ts";
import type { Upstream } from "./upstream.ts";
import { addChunk, toBytes, type WholeBody } from "./whole-body.ts";

export interface ProviderCall {
  adapter: Adapter;
  provider: ProviderConfig;
  /** As configured; undefined: none. */
  key: string | undefined;
  wire: WireRequest;
  timeoutMs?: number;
  signal?: StopSignal;
}

/**
 * Everything asked of a provider that is not a chat: model lists, facts, embeddings. Through ofetch, with its
 * conveniences off that would harm: no redirects (ofetch would carry x-api-key to the new host), no silent retries.
 */
export async function callProvider(
  call: ProviderCall,
  upstream: Upstream,
  storage: Storage,
): Promise<unknown> {
  const { adapter, provider, wire } = call;
  const face = adapter.provider;
  const url = toUrl(provider.baseUrl, wire.path, face);
  if (provider.baseUrl === DEMO_BASE_URL) return callDemo(wire);
  const key = call.key === undefined ? undefined : storage.resolveKey(call.key);
  const timeout = AbortSignal.timeout(call.timeoutMs ?? 15_000);
  const options: FetchOptions<"stream"> = {
    method: wire.method,
    headers: toHeaders(face, provider, key, wire.headers),
    ...(wire.body && { body: JSON.stringify(wire.body) }),
    redirect: "manual",
    retry: 0,
    ignoreResponseError: true,
    responseType: "stream",
    signal: call.signal ? AbortSignal.any([timeout, toAbortSignal(call.signal)]) : timeout,
  };
  const fetch = await loadFetch(provider, upstream);
  const fail = (cause: unknown): never => {
    if (cause instanceof GatewayError) throw cause;
    if (timeout.aborted)
      throw new GatewayError("timeout", `provider ${new URL(url).host} did not answer in time`, { cause });
    throw toNetworkError(unwrap(cause), url);
  };
  const response = await fetch.raw<ReadableStream<Uint8Array>, "stream">(url, options).catch(fail);
  const text = await readCapped(response._data).catch(fail);
  if (response.status >= 300 && response.status < 400) {
    throw new GatewayError(
      "upstream",
      `the provider answered with a redirect (HTTP ${response.status}): check its baseUrl`,
    );
  }
  if (!response.ok) throw face.parseError(response.status, text, Object.fromEntries(response.headers));
  try {
    // An error under status 200 may quote the key as any other does, and goes to the client as it is.
    return JSON.parse(text.includes('"error"') ? hideSecrets(storage, text) : text);
  } catch (cause) {
    throw new GatewayError("upstream", "the provider's answer is not JSON", { cause });
  }
}

/** The body as text. What fetch decompressed is counted too: a few bytes may hold a great many. */
async function readCapped(body: ReadableStream<Uint8Array> | undefined): Promise<string> {
  if (!body) return "";
  const read: WholeBody = { chunks: [], size: 0 };
  // Leaving the loop cancels the stream.
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    addChunk(read, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  return toBytes(read).toString("utf8");
}

async function loadFetch(provider: ProviderConfig, upstream: Upstream) {
  const [{ createFetch }, undici, dispatcher] = await Promise.all([
    import("ofetch"),
    import("undici"),
    upstream.dispatcher(provider),
  ]);
  const send = (input: Parameters<typeof undici.fetch>[0], init?: Parameters<typeof undici.fetch>[1]) =>
    undici.fetch(input, { ...init, dispatcher });
  return createFetch({
    fetch: send as unknown as typeof globalThis.fetch,
    Headers: undici.Headers as typeof globalThis.Headers,
  });
}

/** ofetch wraps undici's error, undici wraps the socket's. */
function unwrap(cause: unknown): unknown {
  let inner = cause;
  for (let depth = 0; depth < 4 && inner instanceof Error && inner.cause instanceof Error; depth++)
    inner = inner.cause;
  return inner;
}

function callDemo(wire: WireRequest): unknown {
  const answer = answerDemo({ path: wire.path, body: wire.body ?? {} });
  return JSON.parse(answer.chunks.join("")) as unknown;
}
