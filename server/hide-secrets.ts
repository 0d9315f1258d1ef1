import { GatewayError } from "../adapters/errors.ts";
import { isSecretName } from "../storage/is-secret-name.ts";
import type { ProviderConfig, Storage } from "../storage/types.ts";

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
  const secrets = Object.values(storage.config.current.providers).flatMap((provider) =>
    listSecrets(provider, storage),
  );
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(toForms));
  if (forms.size === 0) return undefined;
  // The longest first, so that nothing of it is left over.
  const sources = [...forms].sort((a, b) => b.length - a.length).map(escape);
  return new RegExp(`(?:${sources.join("|")})[\\w.~+/=%-]*`, "g");
}

function listSecrets(provider: ProviderConfig, storage: Storage): string[] {
  const { keys = [], headers = {}, params = {}, baseUrl, proxy } = provider;
  return [
    ...keys.flatMap((key) => storage.resolveKey(key) ?? []),
    ...Object.entries({ ...params, ...headers }).flatMap(([name, value]) =>
      typeof value === "string" && isSecretName(name) ? [value, value.replace(/^\w+\s+/, "")] : [],
    ),
    ...[baseUrl, proxy].flatMap((url) => (url !== undefined && URL.canParse(url) ? inUrl(new URL(url)) : [])),
  ];
}

function inUrl({ username, password, searchParams }: URL): string[] {
  const [user, word] = [decode(username), decode(password)];
  const queries = [...searchParams].flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
  // As a proxy is told them.
  const basic = word === "" ? [] : [Buffer.from(`${user}:${word}`).toString("base64")];
  return [user, word, username, password, ...basic, ...queries];
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

const isLong = (text: string): boolean => text.length >= SHORTEST;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** What is shorter is a word for "no key" (`ollama`, `none`), and would be found everywhere. */
const SHORTEST = 8;
const BEGINNING = 12;
