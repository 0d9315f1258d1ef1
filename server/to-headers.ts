import type { ProviderFace, WireRequest } from "../adapters/adapter.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { rememberFor } from "./remember.ts";

/** The headers of a request to a provider: ours, its protocol's, the key's, and over them what is configured. */
export const toHeaders = (
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

/** In lower case like all others: the same name in two spellings would go out twice. */
const configured = rememberFor(({ headers = {} }: ProviderConfig) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
);
