import { GatewayError } from "../adapters/errors.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { ChatWork } from "./chat-work.ts";
import { joinHeaders } from "./join-headers.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { toHeaders } from "./to-headers.ts";
import { toUrl } from "./to-url.ts";
import type { UpstreamRequest } from "./upstream.ts";

export interface Outgoing extends UpstreamRequest {
  body: string | Buffer;
}

/** What a chat sends to a provider: only the configured address, key and headers, and the few a client may add. */
export function toOutgoing(
  work: ChatWork,
  candidate: Candidate,
  wire: { method: string; path: string; headers?: Record<string, string>; body: string | Buffer },
): Outgoing {
  const { provider } = candidate;
  const face = findProviderAdapter(work.exchange.deps.adapters, candidate).provider;
  const sent = forwarded(work, candidate);
  const extra = sent && wire.headers ? joinHeaders(sent, wire.headers) : (sent ?? wire.headers);
  return {
    method: wire.method,
    url: toUrl(provider.baseUrl, wire.path, face),
    headers: toHeaders(face, provider, resolveKey(work, candidate), extra),
    body: wire.body,
  };
}

/** Client headers that mean something to a provider of the same protocol (`anthropic-beta`). */
function forwarded(work: ChatWork, candidate: Candidate): Record<string, string> | undefined {
  const { adapter, call } = work.exchange;
  if (adapter.protocol !== candidate.provider.protocol) return undefined;
  let sent: Record<string, string> | undefined;
  for (const name of adapter.provider.forwardHeaders ?? []) {
    const value = call.headers[name];
    if (value !== undefined) (sent ??= {})[name] = value;
  }
  return sent;
}

/** The value of the candidate's key. A key that is configured but not to be had is our side's fault. */
function resolveKey(work: ChatWork, candidate: Candidate): string | undefined {
  if (candidate.key === undefined) return undefined;
  const value = work.exchange.deps.storage.resolveKey(candidate.key);
  if (value !== undefined) return value;
  const message = `provider key ${candidate.keyName} has no value: ${describeKey(candidate.key)}`;
  throw new GatewayError("upstream-auth", message, { code: "provider_key_missing" });
}

const describeKey = (key: string): string =>
  /^(?:env|file):/.test(key)
    ? `${key} is not set where the daemon runs ('ccproxy restart' hands it over)`
    : "it is empty";
