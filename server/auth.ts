import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { Config, KeyRing } from "../storage/types.ts";

/** Who is calling, and what they may reach. */
export interface Principal {
  /** Id of the client key; undefined: a caller on this machine that needs none. */
  keyId?: string;
  /** Groups the caller may use; undefined: all. */
  groups?: readonly string[];
}

export interface AuthRequest {
  headers: Headers;
  query: URLSearchParams;
  /** The peer's address. */
  remoteAddress: string | undefined;
  /** Routes whose clients cannot send keys, open to this machine when `server.ollamaOpen` says so. */
  keyless: boolean;
}

/** The one decision about a caller, whatever carried its key. Throws `authentication`. */
export function authenticate(request: AuthRequest, config: Config, keyRing: KeyRing, now: number): Principal {
  const secrets = readSecrets(request.headers, request.query);
  const local = isLoopback(request.remoteAddress);
  if (Object.keys(config.keys).length === 0) {
    if (local) return {};
    throw denied(
      "this daemon has no client keys, so it answers only to its own machine; make one with: ccproxy key add <name>",
    );
  }
  if (secrets.size > 1) throw denied("two different keys in one request: send one");
  const [secret] = secrets;
  const found = secret === undefined ? undefined : keyRing.verify(secret, config.keys, now);
  if (found) return { keyId: found.id, ...(found.key.groups && { groups: found.key.groups }) };
  if (request.keyless && local && config.server.ollamaOpen) return {};
  if (secret === undefined) {
    throw denied(
      "a client key is needed: send it as 'Authorization: Bearer …', x-api-key, x-goog-api-key, api-key or ?key=",
    );
  }
  throw denied("this client key is not known here, is switched off or has expired; see: ccproxy key list");
}

/** Throws `permission` when the caller's key does not reach the group. */
export function authorise(principal: Principal, group: string): void {
  if (reaches(principal, group)) return;
  const reach = principal.groups?.join(", ") || "none";
  throw new GatewayError(
    "permission",
    `this client key does not reach group '${group}'; it reaches ${reach}`,
    {
      code: "group_forbidden",
    },
  );
}

export const reaches = ({ groups }: Principal, group: string): boolean =>
  !groups || groups.some((name) => name.toLowerCase() === group.toLowerCase());

/** Every different key a request carries. */
function readSecrets(headers: Headers, query: URLSearchParams): Set<string> {
  const bearer = /^bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  const carriers = [
    bearer,
    headers["x-api-key"],
    headers["x-goog-api-key"],
    headers["api-key"],
    query.get("key"),
  ];
  return new Set(carriers.flatMap((value) => value?.trim() || []));
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}

const denied = (message: string): GatewayError => new GatewayError("authentication", message);
