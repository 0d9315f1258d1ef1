import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { withoutLatest } from "../adapters/model-tag.ts";
import { matchesGlob } from "../routing/glob.ts";
import type { Config, KeyRing } from "../storage/types.ts";
import { isAmong } from "./addresses.ts";
import { isLoopback } from "./is-loopback.ts";
import { rememberFor } from "./remember.ts";

/** Who is calling, and what they may reach. */
export interface Principal {
  /** Id of the client key; undefined: a caller on this machine that needs none. */
  keyId?: string;
  /** Groups the caller may use; undefined: all. */
  groups?: readonly string[];
  /** Models the caller may ask for, as patterns; undefined: all. */
  models?: readonly string[];
  /** May name targets itself. Default false. */
  direct?: boolean;
}

export interface AuthRequest {
  headers: Headers;
  query: URLSearchParams;
  /** The peer's address. */
  remoteAddress: string | undefined;
  /** Routes whose clients cannot send keys, open to this machine when `server.ollamaOpen` says so. */
  keyless: boolean;
  /** What the route speaks. */
  protocol: string;
  /** Whoever reaches the port may call while there are no keys: the daemon was started dangerously. */
  openToAll?: boolean;
}

/** The one decision about a caller, whatever carried its key. Throws `authentication` and `permission`. */
export function authenticate(request: AuthRequest, config: Config, keyRing: KeyRing, now: number): Principal {
  const secrets = readSecrets(request.headers, request.query);
  if (!hasAny(config.keys)) {
    if (isLocal(request) || request.openToAll) return { direct: true };
    throw denied(
      "this daemon has no client keys, so it answers only to its own machine; make one with: ccproxy key add <name>",
    );
  }
  if (secrets.length > 1) throw denied("two different keys in one request: send one", "two_keys");
  const [secret] = secrets;
  const found = secret === undefined ? undefined : keyRing.verify(secret, config.keys, now);
  if (found) {
    const { groups, models, protocols, addresses, direct = false } = found.key;
    if (protocols && !protocols.includes(request.protocol)) {
      throw forbidden(
        `this client key does not speak ${request.protocol}; it speaks ${protocols.join(", ") || "nothing"}`,
        "protocol_forbidden",
      );
    }
    if (addresses && !isAmong(request.remoteAddress, addresses))
      throw forbidden("this client key may not be used from this address", "address_forbidden");
    return {
      keyId: found.id,
      ...(groups && { groups }),
      ...(models && { models }),
      ...(direct && { direct }),
    };
  }
  if (request.keyless && config.server.ollamaOpen && isLocal(request)) return {};
  if (secret === undefined) {
    throw denied(
      "a client key is needed: send it as 'Authorization: Bearer …', x-api-key, x-goog-api-key, api-key or ?key=",
    );
  }
  throw denied(
    "this client key is not known here, is switched off or has expired; see: ccproxy key list",
    BAD_KEY,
  );
}

/** Throws `permission` when the caller's key does not reach the group, or the model (without a group in front). */
export function authorise(principal: Principal, group: string, model?: string): void {
  if (!reaches(principal, group)) {
    const reach = principal.groups?.join(", ") || "none";
    throw forbidden(
      `this client key does not reach group '${group}'; it reaches ${reach}`,
      "group_forbidden",
    );
  }
  if (model === undefined || reachesModel(principal, model)) return;
  throw forbidden(`this client key does not reach model '${model.slice(0, 200)}'`, "model_forbidden");
}

export const reaches = ({ groups }: Principal, group: string): boolean =>
  !groups || groups.some((name) => name.toLowerCase() === group.toLowerCase());

/** A tag that Ollama's clients add by themselves does not count. */
export function reachesModel({ models }: Principal, model: string): boolean {
  if (!models) return true;
  const bare = withoutLatest(model);
  return models.some((pattern) => matchesGlob(withoutLatest(pattern), bare));
}

/** The keys a request carries, each once: as a rule one, or none. */
function readSecrets(headers: Headers, query: URLSearchParams): string[] {
  const secrets: string[] = [];
  const add = (value: string | undefined): void => {
    const secret = value?.trim();
    if (secret && !secrets.includes(secret)) secrets.push(secret);
  };
  const { authorization } = headers;
  if (authorization !== undefined) {
    add(BEARER.exec(authorization)?.[1]);
    add(readBasic(authorization));
  }
  for (const carrier of CARRIERS) add(headers[carrier]);
  if (query.size > 0) for (const value of query.getAll("key")) add(value);
  return secrets;
}

/** The password, or the name where there is none: what `curl -u :key` and `curl -u key:` send. */
function readBasic(authorization: string): string | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : text.slice(colon + 1) || text.slice(0, colon);
}

/** Of this machine, and not handed on by a proxy that runs here for others. */
export function isLocal({ headers, remoteAddress }: Pick<AuthRequest, "headers" | "remoteAddress">): boolean {
  return isLoopback(remoteAddress) && FORWARDED.every((name) => headers[name] === undefined);
}

/** A key that was tried and is none: tried too often, it is no longer looked at. */
export const isBadKey = (error: unknown): boolean => error instanceof GatewayError && error.code === BAD_KEY;

const denied = (message: string, code?: string): GatewayError =>
  new GatewayError("authentication", message, { code });

const forbidden = (message: string, code: string): GatewayError =>
  new GatewayError("permission", message, { code });

/** Asked at every request, of what may hold thousands and is never changed but replaced. */
const hasAny = rememberFor((keys: Config["keys"]) => Object.keys(keys).length > 0);

const BEARER = /^bearer\s+(.+)$/i;
const BASIC = /^basic\s+([\w+/=-]+)$/i;
const CARRIERS = ["x-api-key", "x-goog-api-key", "api-key"];
const BAD_KEY = "invalid_api_key";
/** What reverse proxies and tunnels add. */
const FORWARDED = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "fly-client-ip",
];
