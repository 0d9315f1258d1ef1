import { BlockList, isIP, isIPv6 } from "node:net";

/** Whether an address is one of `allowed`: addresses and networks (`192.168.1.0/24`). What cannot be read allows nobody. */
export function isAmong(address: string | undefined, allowed: readonly string[]): boolean {
  const bare = toBare(address ?? "");
  if (isIP(bare) === 0) return false;
  const list = new BlockList();
  for (const entry of allowed) add(list, entry);
  return list.check(bare, familyOf(bare));
}

/** Whether an address belongs to this machine or its network, or to a cloud's metadata: no public service has one. */
export function isPrivateAddress(address: string): boolean {
  const bare = toBare(address);
  return isIP(bare) !== 0 && privateNetworks().check(bare, familyOf(bare));
}

/** `[::1]` → `::1`, `::ffff:10.0.0.1` (however it is written) and NAT64 → `10.0.0.1`, without a zone. */
function toBare(address: string): string {
  const open = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (!isIPv6(open)) return open;
  const { hostname } = new URL(`http://[${open}]`);
  const mapped = /^\[(?:::ffff:|64:ff9b::)([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname);
  if (!mapped) return hostname.slice(1, -1);
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");

function add(list: BlockList, entry: string): void {
  const [address = "", bits] = entry.split("/");
  const bare = toBare(address);
  if (isIP(bare) === 0) return;
  const most = isIPv6(bare) ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (Number.isInteger(prefix) && prefix >= 0 && prefix <= most) list.addSubnet(bare, prefix, familyOf(bare));
}

/** Made when first asked for: a start would wait milliseconds for it, and needs it not. */
function privateNetworks(): BlockList {
  if (known) return known;
  known = new BlockList();
  for (const network of PRIVATE_NETWORKS) add(known, network);
  return known;
}

let known: BlockList | undefined;

const PRIVATE_NETWORKS = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  // Carriers' NAT, and Tailscale.
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
  "::/127",
  "64:ff9b:1::/48",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];
