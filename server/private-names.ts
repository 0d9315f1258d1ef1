import type { LookupAddress, LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { ProviderConfig } from "../storage/types.ts";
import { isPrivateAddress } from "./addresses.ts";

/**
 * Whether requests to a provider may end at a private address: as configured, else where its URL says so itself, by the
 * address or by a name that no public DNS has.
 */
export function allowsPrivate({ baseUrl, allowPrivate }: ProviderConfig): boolean {
  if (allowPrivate !== undefined) return allowPrivate;
  const host = toHost(baseUrl);
  return isIP(host) === 0 ? isLocalName(host) : isPrivateAddress(host);
}

/** The error for a provider whose URL itself names what it must not reach: an address is not looked up. */
export function refuseLiteral(provider: ProviderConfig): Error | undefined {
  const host = toHost(provider.baseUrl);
  return isPrivateAddress(host) && !allowsPrivate(provider) ? refused(host, host) : undefined;
}

/**
 * A look-up that gives no private address away: what was checked is what is connected to, so that a name which changes
 * its mind in between gains nothing. One private address among public ones refuses them all.
 */
export function createPublicLookup(lookup: ManyLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const wrong = found.find(({ address }) => isPrivateAddress(address));
      const [first] = found;
      if (wrong) return callback(refused(hostname, wrong.address), "", 0);
      if (options.all === true) return callback(null, found as never, 0);
      callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}

export type ManyLookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

function refused(host: string, address: string): NodeJS.ErrnoException {
  const where =
    host === address ? `${host} is a private address` : `${host} leads to ${address}, a private address`;
  return Object.assign(
    new Error(`${where}, where this provider may not go: set its allowPrivate to true if that is meant`),
    { code: "PRIVATE_ADDRESS" },
  );
}

const toHost = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");

const isLocalName = (host: string): boolean =>
  !host.includes(".") || LOCAL_ENDINGS.some((ending) => host.endsWith(ending));

const LOCAL_ENDINGS =
  ".localhost .local .lan .internal .intranet .home .corp .private .home.arpa .test .ts.net".split(" ");
