import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ProviderConfig } from "../../storage/types.ts";
import { toConnectOptions } from "../connect-options.ts";
import { refuseLiteral, type ManyLookup } from "../private-names.ts";

export interface Connection {
  host: string;
  /** Absent where the host is an address. */
  dns?: { ms: number; addresses: string[]; error?: Error };
  /** TCP and TLS together, the look-up not counted. */
  connectMs?: number;
  tls?: { version: string; validTo: string };
  /** Why there is none. */
  error?: Error;
}

export interface ProbeOptions {
  timeoutMs: number;
  lookup?: ManyLookup;
}

/**
 * One connection to a provider, made as those for chats are (by the same connector, with the same authorities and the
 * same look-up) and closed again. With a proxy in between, one to the proxy.
 */
export async function probeConnection(
  provider: ProviderConfig,
  { timeoutMs, lookup }: ProbeOptions,
): Promise<Connection> {
  const url = new URL(provider.proxy ?? provider.baseUrl);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found: Connection = { host };
  const refusal = provider.proxy === undefined ? refuseLiteral(provider) : undefined;
  if (refusal) return { ...found, error: refusal };
  try {
    // What a proxy may be is the user's own affair: chats ask no more of it.
    const asked = provider.proxy === undefined ? provider : { ...provider, allowPrivate: true };
    const options = await toConnectOptions(asked, lookup);
    const { default: buildConnector } = await import("undici/lib/core/connect.js");
    const connect = buildConnector({
      ...options,
      timeout: Math.min(options.timeout, timeoutMs),
      maxCachedSessions: 0,
      ...(isIP(host) === 0 && { lookup: timed(options.lookup ?? lookup ?? systemLookup, found) }),
    });
    const began = performance.now();
    const socket = await new Promise<Socket>((resolve, reject) => {
      connect(
        {
          hostname: url.hostname,
          host: url.host,
          protocol: url.protocol,
          port: url.port,
          servername: url.protocol === "https:" && isIP(host) === 0 ? host : undefined,
        } as Parameters<typeof connect>[0],
        (error, made) => (error ? reject(error) : resolve(made as Socket)),
      );
    });
    found.connectMs = performance.now() - began - (found.dns?.ms ?? 0);
    if (socket instanceof TLSSocket) {
      found.tls = {
        version: socket.getProtocol() ?? "",
        validTo: socket.getPeerCertificate().valid_to ?? "",
      };
    }
    socket.destroy();
    return found;
  } catch (error) {
    return { ...found, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** The same look-up, with what came of it and how long it took. */
function timed(lookup: LookupFunction | ManyLookup, found: Connection): LookupFunction {
  return (hostname, options, callback) => {
    const began = performance.now();
    (lookup as LookupFunction)(hostname, { ...options, all: true }, (error, addresses, family) => {
      const listed = Array.isArray(addresses) ? addresses : [];
      found.dns = {
        ms: performance.now() - began,
        addresses: listed.map(({ address }) => address),
        ...(error && { error }),
      };
      const [first] = listed;
      if (error || options.all === true || !first) return callback(error, addresses, family);
      callback(null, first.address, first.family);
    });
  };
}
