import type { ArgsDef } from "citty";
import { isSecretName } from "../../storage/is-secret-name.ts";
import type { ProviderConfig } from "../../storage/types.ts";
import type { Invocation } from "../command.ts";
import { readSecrets } from "../read-secrets.ts";
import { toJsonValue, toPairs, toWords } from "../to-value.ts";

/** The flags that set a provider's fields. */
export const providerArgs = {
  protocol: {
    type: "enum",
    options: ["openai", "openai-responses", "claude", "gemini", "ollama"],
    description: "What it speaks; openai means chat completions.",
  },
  "base-url": {
    type: "string",
    valueHint: "url",
    description: "Its address, as its documentation gives it.",
  },
  key: {
    type: "string",
    valueHint: "key",
    description: "env:NAME, file:PATH, or - for standard input.",
  },
  header: {
    type: "string",
    valueHint: "name=value",
    description: "A further header of every request; a secret one from standard input: name=-.",
  },
  param: { type: "string", valueHint: "name=json", description: "A field merged into the request body." },
  model: {
    type: "string",
    valueHint: "name",
    description: "A model it serves, if it has no list of its own.",
  },
  proxy: { type: "string", valueHint: "url", description: "An HTTP proxy on the way to it." },
  "ca-file": { type: "string", valueHint: "file", description: "A further certificate authority (PEM)." },
  "allow-private": {
    type: "boolean",
    description: "Its name may lead to a private address; default: only if it looks like a local one.",
  },
  "ask-whole": {
    type: "boolean",
    description: "Ask it for a whole answer where the client wants one; default: for a stream.",
  },
  enabled: { type: "boolean", description: "Use it; --no-enabled keeps it without using it." },
} satisfies ArgsDef;

export const repeatableProviderArgs = ["key", "header", "param", "model"] as const;

export interface ProviderFlags {
  protocol?: string;
  "base-url"?: string;
  proxy?: string;
  "ca-file"?: string;
  "allow-private"?: boolean;
  "ask-whole"?: boolean;
  enabled?: boolean;
}

/** The provider with what the flags say; lists replace what was there. */
export async function applyFields(
  provider: Partial<ProviderConfig>,
  flags: ProviderFlags,
  { io, list }: Invocation,
): Promise<ProviderConfig> {
  const keys = list("key");
  const headers = list("header");
  const params = list("param");
  const models = list("model");
  const set: Partial<ProviderConfig> = {
    ...(flags.protocol !== undefined && { protocol: flags.protocol }),
    ...(flags["base-url"] !== undefined && { baseUrl: flags["base-url"] }),
    ...(keys && { keys: await readSecrets("key", keys, io) }),
    ...(headers && { headers: { ...provider.headers, ...(await readHeaders(headers, io)) } }),
    ...(params && { params: { ...provider.params, ...readParams(params) } }),
    ...(models && { models: toWords(models) }),
    ...(flags.proxy !== undefined && { proxy: flags.proxy }),
    ...(flags["ca-file"] !== undefined && { caFile: flags["ca-file"] }),
    ...(flags["allow-private"] !== undefined && { allowPrivate: flags["allow-private"] }),
    ...(flags["ask-whole"] !== undefined && { askWhole: flags["ask-whole"] }),
    ...(flags.enabled !== undefined && { enabled: flags.enabled }),
  };
  return { protocol: "", baseUrl: "", ...provider, ...set };
}

const readParams = (texts: string[]): Record<string, unknown> =>
  Object.fromEntries(toPairs("param", texts).map(([name, text]) => [name, toJsonValue(text)]));

/** Headers that carry secrets come from standard input, as keys do. */
async function readHeaders(texts: string[], io: Invocation["io"]): Promise<Record<string, string>> {
  const pairs = toPairs("header", texts);
  for (const pair of pairs.filter(([name]) => isSecretName(name)))
    pair[1] = (await readSecrets("header", [pair[1] === "-" ? "-" : ""], io))[0] ?? "";
  return Object.fromEntries(pairs);
}
