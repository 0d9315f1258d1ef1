import { GatewayError } from "../adapters/errors.ts";
import { isSecretName } from "../storage/is-secret-name.ts";
import { targetsOf } from "../storage/targets-of.ts";
import type { GroupConfig, ProviderConfig, Storage } from "../storage/types.ts";

/**
 * A text without any secret of the configuration in it, whole or cut short, plain or encoded: providers like to quote
 * the key they refused, and proxies the password.
 */
export function hideSecrets(storage: Storage, text: string): string {
  const found = toPattern(storage);
  return found ? text.replace(found, "[secret]") : text;
}

/** The same for what was thrown; anything but a GatewayError is not shown to anyone as it is. */
export function withoutSecrets<T>(storage: Storage, error: T): T {
  if (!(error instanceof GatewayError)) return error;
  const { kind, message, code, param } = error;
  const hidden = {
    message: hideSecrets(storage, message),
    code: code && hideSecrets(storage, code),
    param: param && hideSecrets(storage, param),
  };
  if (hidden.message === message && hidden.code === code && hidden.param === param) return error;
  const { cause, upstreamStatus, retryAfterMs } = error;
  const details = { cause, upstreamStatus, retryAfterMs, code: hidden.code, param: hidden.param };
  return new GatewayError(kind, hidden.message, details) as T & GatewayError;
}

function toPattern(storage: Storage): RegExp | undefined {
  const { providers, groups } = storage.config.current;
  const secrets = [
    ...Object.values(providers).flatMap((provider) => listSecrets(provider, storage)),
    ...Object.values(groups).flatMap(listParams),
  ];
  const forms = new Set(secrets.filter(isLong).flatMap(toForms));
  // The longest first, so that nothing of it is left over.
  const sources = [...forms].sort((a, b) => b.length - a.length).map(escape);
  const long = sources.length === 0 ? [] : [`(?:${sources.join("|")})[\\w.~+/=%-]*`];
  // What is short is hidden where it stands alone: within words it would be found everywhere.
  const short = new Set(secrets.filter(isShort).map(escape));
  const words = short.size === 0 ? [] : [`(?<![\\w-])(?:${[...short].join("|")})(?![\\w-])`];
  const all = [...long, ...words];
  return all.length === 0 ? undefined : new RegExp(all.join("|"), "g");
}

function listSecrets(provider: ProviderConfig, storage: Storage): string[] {
  const { keys = [], disabledKeys = [], headers = {}, params = {}, baseUrl, proxy } = provider;
  return [
    ...[...keys, ...disabledKeys].flatMap((key) => storage.resolveKey(key) ?? []),
    ...inFields(headers).flatMap((value) => [value, value.replace(/^\w+\s+/, "")]),
    ...inFields(params).filter(isLong),
    ...[baseUrl, proxy].flatMap((url) => (url !== undefined && URL.canParse(url) ? inUrl(new URL(url)) : [])),
  ];
}

/** What a group adds to requests may hold a secret, too. */
function listParams({ models, rules = [] }: GroupConfig): string[] {
  const params = [...Object.values(models).flatMap((alias) => targetsOf(alias)), ...rules];
  return params.flatMap(({ params: fields }) => inFields(fields)).filter(isLong);
}

/** Texts below a name that says secret, however deep; a tokenizer's name is short, and in none of our interest. */
function inFields(value: unknown, isSecret = false): string[] {
  if (typeof value === "string") return isSecret ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => inFields(member, isSecret || isSecretName(name)));
}

function inUrl({ username, password, searchParams }: URL): string[] {
  const [user, word] = [decode(username), decode(password)];
  const queries = [...searchParams].flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
  // As a proxy is told them.
  const basic = word === "" ? [] : [Buffer.from(`${user}:${word}`).toString("base64")];
  return [...[user, username].filter(isLong), word, password, ...basic, ...queries];
}

/** As it is and as others write it; of a long one its beginning is enough. */
function toForms(secret: string): string[] {
  const start = secret.length > 2 * BEGINNING ? [secret.slice(0, BEGINNING)] : [];
  const json = JSON.stringify(secret).slice(1, -1);
  // Within something longer (`Bearer …`) the letters depend on where it begins, and the outer ones on what is there.
  const base64 = ["", " ", "  "].map((before) =>
    Buffer.from(before + secret)
      .toString("base64")
      .slice(before === "" ? 0 : 4, -4),
  );
  const encoded = base64.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
  return [secret, ...start, json, encodeURIComponent(secret), ...encoded.filter(isLong)];
}

const isLong = (text: string): boolean => text.length >= LONG;
const isShort = (text: string): boolean =>
  text.length >= SHORTEST && text.length < LONG && !PLACEHOLDERS.has(text.toLowerCase());

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** From here on it is found within words and encoded. */
const LONG = 8;
/** What is shorter can be guessed, and hiding it would give it away. */
const SHORTEST = 4;
const BEGINNING = 12;
/** What people write where a local server wants some key or other. */
const PLACEHOLDERS = new Set(
  "anything dummy empty fake key local lmstudio llama none noop null ollama test token unused vllm".split(
    " ",
  ),
);
