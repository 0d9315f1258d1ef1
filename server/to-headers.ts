import type { ProviderFace, WireRequest } from "../adapters/adapter.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { remember, rememberFor } from "./remember.ts";

/**
 * The headers of a request to a provider: ours, its protocol's, the key's, and over them what is configured. Not to be
 * changed: those of requests that differ in nothing are the same.
 */
export function toHeaders(
  face: ProviderFace,
  provider: ProviderConfig,
  key: string | undefined,
  extra?: WireRequest["headers"],
): Record<string, string> {
  for (const _ in extra) return write(face, provider, key, extra);
  return key === undefined ? keyless(provider)(face) : keyed(provider)(face)(key);
}

const write = (
  face: ProviderFace,
  provider: ProviderConfig,
  key: string | undefined,
  extra?: WireRequest["headers"],
): Record<string, string> => ({
  "content-type": "application/json",
  accept: "*/*",
  "accept-encoding": "identity",
  "user-agent": "ccproxy",
  ...face.headers,
  ...extra,
  ...(key !== undefined && face.authHeaders(key)),
  ...configured(provider),
});

const keyless = rememberFor((provider: ProviderConfig) =>
  rememberFor((face: ProviderFace) => write(face, provider, undefined)),
);
const keyed = rememberFor((provider: ProviderConfig) =>
  rememberFor((face: ProviderFace) => remember((key) => write(face, provider, key))),
);

/** In lower case like all others: the same name in two spellings would go out twice. */
const configured = rememberFor(({ headers = {} }: ProviderConfig) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
);
