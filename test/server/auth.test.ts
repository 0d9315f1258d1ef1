import { describe, expect, it } from "vitest";
import type { Headers } from "../../adapters/adapter.ts";
import { authenticate, authorise } from "../../server/auth.ts";
import { isLoopback } from "../../server/is-loopback.ts";
import type { Config, KeyConfig, KeyRing } from "../../storage/types.ts";

const KEYS: Config["keys"] = {
  k_all: { name: "all", hash: "" },
  k_some: { name: "some", hash: "", groups: ["Qwen", "glm"] },
};
const SECRETS: Record<string, string> = { good: "k_all", limited: "k_some" };
const keyRing: KeyRing = {
  create: () => {
    throw new Error("not here");
  },
  verify(secret, keys) {
    const id = Object.hasOwn(SECRETS, secret) ? SECRETS[secret] : undefined;
    return id === undefined ? undefined : { id, key: keys[id] as KeyConfig };
  },
};

type Carrier = (secret: string) => { headers?: Headers; query?: string };
const CARRIERS: [string, Carrier][] = [
  ["authorization", (secret) => ({ headers: { authorization: `Bearer ${secret}` } })],
  ["x-api-key", (secret) => ({ headers: { "x-api-key": secret } })],
  ["x-goog-api-key", (secret) => ({ headers: { "x-goog-api-key": secret } })],
  ["api-key", (secret) => ({ headers: { "api-key": secret } })],
  ["?key=", (secret) => ({ query: `key=${encodeURIComponent(secret)}` })],
];

interface Caller {
  sent?: ReturnType<Carrier>[];
  address?: string;
  keyless?: boolean;
  keys?: Config["keys"];
  ollamaOpen?: boolean;
}

const call = ({
  sent = [],
  address = "127.0.0.1",
  keyless = false,
  keys = KEYS,
  ollamaOpen = true,
}: Caller) => {
  const headers: Headers = Object.assign({}, ...sent.map((part) => part.headers));
  const query = new URLSearchParams(sent.map((part) => part.query ?? "").join("&"));
  const config = { server: { host: "127.0.0.1", port: 1, ollamaOpen }, keys } as unknown as Config;
  return authenticate(
    { headers, query, remoteAddress: address, keyless, protocol: "openai" },
    config,
    keyRing,
    0,
  );
};
const denied = (message: RegExp) =>
  expect.objectContaining({
    kind: "authentication",
    message: expect.stringMatching(message) as string,
  }) as Error;

describe.each(CARRIERS)("a key in %s", (_name, carry) => {
  it("is the caller's", () => {
    expect(call({ sent: [carry("good")] })).toEqual({ keyId: "k_all" });
    expect(call({ sent: [carry("limited")], address: "10.0.0.9" })).toEqual({
      keyId: "k_some",
      groups: ["Qwen", "glm"],
    });
  });

  it("is refused when it is not known, wherever the caller is", () => {
    for (const address of ["127.0.0.1", "10.0.0.9"]) {
      expect(() => call({ sent: [carry("bad")], address })).toThrow(denied(/not known here/));
    }
  });

  it("counts as none when it is blank", () => {
    expect(() => call({ sent: [carry(" ")] })).toThrow(denied(/a client key is needed/));
  });

  it.each(CARRIERS)("may come again in %s, but only the same one", (_other, carryOther) => {
    expect(call({ sent: [carry("good"), carryOther("good")] })).toEqual({ keyId: "k_all" });
    if (carry === carryOther) return;
    for (const second of ["limited", "bad"]) {
      for (const address of ["127.0.0.1", "10.0.0.9"]) {
        expect(() => call({ sent: [carry("good"), carryOther(second)], address })).toThrow(
          denied(/two different keys/),
        );
      }
    }
    expect(call({ sent: [carry("good"), carryOther(" ")] })).toEqual({ keyId: "k_all" });
  });
});

describe("no key", () => {
  it("is refused as soon as one client key exists", () => {
    expect(() => call({})).toThrow(denied(/a client key is needed: .*x-api-key/));
    expect(() => call({ address: "10.0.0.9" })).toThrow(denied(/a client key is needed/));
  });

  it("is enough on this machine while there is none", () => {
    expect(call({ keys: {} })).toEqual({ direct: true });
    expect(call({ keys: {}, sent: [{ headers: { authorization: "Bearer anything" } }] })).toEqual({
      direct: true,
    });
  });

  it("is never enough from elsewhere", () => {
    for (const keyless of [true, false]) {
      for (const address of ["10.0.0.9", "::ffff:10.0.0.9", "fe80::1", undefined as unknown as string, ""]) {
        const caller = { keys: {}, keyless, address: address ?? "" };
        expect(() => call(caller)).toThrow(denied(/only to its own machine/));
        expect(() => call({ keyless, address: address ?? "" })).toThrow(denied(/a client key is needed/));
      }
    }
  });

  it("is enough for clients that cannot send one, from this machine, while that is open", () => {
    expect(call({ keyless: true })).toEqual({});
    expect(call({ keyless: true, sent: [{ headers: { authorization: "Bearer ollama" } }] })).toEqual({});
    expect(call({ keyless: true, sent: [{ headers: { authorization: "Bearer limited" } }] })).toMatchObject({
      keyId: "k_some",
    });
    expect(() => call({ keyless: true, ollamaOpen: false })).toThrow(denied(/a client key is needed/));
  });
});

describe("the Authorization header", () => {
  it.each(["bearer good", "BEARER   good", "Bearer good "])("%j carries a key", (authorization) => {
    expect(call({ sent: [{ headers: { authorization } }] })).toEqual({ keyId: "k_all" });
  });

  it.each(["good", "Basic good", "Bearer", "Bearer ", "Bearergood", ""])(
    "%j carries none",
    (authorization) => {
      expect(() => call({ sent: [{ headers: { authorization } }] })).toThrow(
        denied(/a client key is needed/),
      );
    },
  );
});

describe("authorise", () => {
  it.each([
    [undefined, "anything", true],
    [["qwen"], "Qwen", true],
    [["Qwen", "glm"], "GLM", true],
    [["qwen"], "default", false],
    [[], "default", false],
  ])("groups %j reach %s: %s", (groups, group, reaches) => {
    const ask = () => authorise({ keyId: "k", groups }, group);
    if (reaches) ask();
    else expect(ask).toThrow(expect.objectContaining({ kind: "permission", code: "group_forbidden" }));
  });
});

describe("isLoopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.8.9.10", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["10.0.0.1", false],
    ["::ffff:10.0.0.1", false],
    ["1127.0.0.1", false],
    ["127.evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["::", false],
    ["", false],
    [undefined, false],
  ])("of %s is %s", (address, loopback) => {
    expect(isLoopback(address)).toBe(loopback);
  });
});
