import type { ArgsDef } from "citty";
import type { ProviderConfig } from "../../storage/types.ts";
import type { Invocation } from "../command.ts";
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
    description: "env:NAME, file:PATH, - for standard input, or a literal.",
  },
  header: { type: "string", valueHint: "name=value", description: "A further header of every request." },
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
  enabled: { type: "boolean", description: "Use it; --no-enabled keeps it without using it." },
} satisfies ArgsDef;

export const repeatableProviderArgs = ["key", "header", "param", "model"] as const;

export interface ProviderFlags {
  protocol?: string;
  "base-url"?: string;
  proxy?: string;
  "ca-file"?: string;
  "allow-private"?: boolean;
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
    ...(keys && { keys: await readKeys(keys, io.readStdin) }),
    ...(headers && { headers: { ...provider.headers, ...Object.fromEntries(toPairs("header", headers)) } }),
    ...(params && { params: { ...provider.params, ...readParams(params) } }),
    ...(models && { models: toWords(models) }),
    ...(flags.proxy !== undefined && { proxy: flags.proxy }),
    ...(flags["ca-file"] !== undefined && { caFile: flags["ca-file"] }),
    ...(flags["allow-private"] !== undefined && { allowPrivate: flags["allow-private"] }),
    ...(flags.enabled !== undefined && { enabled: flags.enabled }),
  };
  return { protocol: "", baseUrl: "", ...provider, ...set };
}

const readParams = (texts: string[]): Record<string, unknown> =>
  Object.fromEntries(toPairs("param", texts).map(([name, text]) => [name, toJsonValue(text)]));

/** A key in the command line is seen by every user of the machine; standard input is not. */
async function readKeys(keys: string[], readStdin: () => Promise<string>): Promise<string[]> {
  if (!keys.includes("-")) return keys;
  const given = (await readStdin())
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  return keys.flatMap((key) => (key === "-" ? given : [key]));
}
