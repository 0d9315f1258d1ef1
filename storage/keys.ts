import { toBase62 } from "./base62.ts";
import { crypto } from "./crypto.ts";
import type { KeyConfig, KeyRing } from "./types.ts";

export interface KeyRingOptions {
  /** The secret that hashes are made with; `make`: there must be one, so make it. Throws when it cannot be used. */
  pepper: (when: "make" | "read") => string | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * Client keys: `ccp_<id, 8 hex>_<43 base62: 256 random bits><6 base62: CRC-32 of all before>`. The checksum tells a
 * slip of the pen from a wrong key without looking anything up; the hash is keyed, so the file alone tells nothing.
 */
export function createKeyRing({ pepper, now = Date.now }: KeyRingOptions): KeyRing {
  let known: string | undefined;
  const getPepper = (when: "make" | "read"): string | undefined => (known ??= pepper(when));
  // What was verified. It is good only for the record it was verified with, so that a key which is changed or taken
  // away is not accepted any longer than without.
  const verified = new Map<string, { id: string; hash: string }>();
  return {
    create(name, groups) {
      const secretPepper = getPepper("make");
      if (secretPepper === undefined) throw new Error("there is no secret to make keys with");
      const id8 = crypto().randomBytes(4).toString("hex");
      const body = `ccp_${id8}_${toBase62(crypto().randomBytes(32), 43)}`;
      const secret = body + checksum(body);
      const hash = digest(secretPepper, secret).toString("hex");
      const record = {
        name,
        hash,
        ...(groups?.length && { groups }),
        createdAt: new Date(now()).toISOString(),
      };
      return { id: `k_${id8}`, secret, record };
    },
    verify(secret, keys, at) {
      const before = verified.get(secret);
      if (before && Object.hasOwn(keys, before.id)) {
        const { id } = before;
        const key = keys[id];
        if (key?.hash === before.hash) return isInForce(key, at) ? { id, key } : undefined;
      }
      const match = KEY.exec(secret);
      if (!match) return undefined;
      const id = `k_${match[2]}`;
      if (!before && checksum(match[1] ?? "") !== match[3]) return undefined;
      const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
      const secretPepper = readQuietly(getPepper);
      if (secretPepper === undefined) return undefined;
      // An unknown id costs the same as a wrong secret, so that ids cannot be found by the clock.
      const given = digest(secretPepper, secret);
      const expected = Buffer.from(key?.hash ?? "", "hex");
      const isEqual = crypto().timingSafeEqual(given, expected.length === given.length ? expected : NOBODY);
      if (!key || !isEqual || expected.length !== given.length) return undefined;
      if (verified.size >= MOST_VERIFIED) verified.clear();
      verified.set(secret, { id, hash: key.hash });
      return isInForce(key, at) ? { id, key } : undefined;
    },
  };
}

/** A date that cannot be read counts as past. */
const isInForce = ({ enabled, expiresAt }: KeyConfig, at: number): boolean =>
  enabled !== false && (expiresAt === undefined || Date.parse(expiresAt) > at);

const digest = (pepper: string, secret: string): Buffer =>
  crypto().createHmac("sha256", pepper).update(secret).digest();

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(process.getBuiltinModule("node:zlib").crc32(body));
  return toBase62(bytes, 6);
}

/** An unreadable pepper locks every key out; making keys says why. */
function readQuietly(getPepper: (when: "read") => string | undefined): string | undefined {
  try {
    return getPepper("read");
  } catch {
    return undefined;
  }
}

const KEY = /^(ccp_([0-9a-f]{8})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const MOST_VERIFIED = 10_000;
const NOBODY = Buffer.alloc(32);
