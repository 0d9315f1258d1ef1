import { describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import { hideSecrets, withoutSecrets } from "../../server/hide-secrets.ts";
import { memoryStorage } from "../../storage/index.ts";
import type { ProviderConfig } from "../../storage/types.ts";

const having = (provider: Partial<ProviderConfig>) =>
  memoryStorage({
    providers: { p: { protocol: "openai", baseUrl: "http://127.0.0.1:9", ...provider } },
  });
const hide = (provider: Partial<ProviderConfig>, text: string): string => hideSecrets(having(provider), text);

describe("a secret of eight characters and more", () => {
  it("is hidden wherever it stands, whole, cut short or encoded", () => {
    const keys = ["sk-test-0123456789abcdefghij"];
    for (const shown of [
      "wrong key sk-test-0123456789abcdefghij.",
      "wrong key sk-test-0123...",
      `wrong key ${Buffer.from("Bearer sk-test-0123456789abcdefghij").toString("base64")}`,
      "xsk-test-0123456789abcdefghijx",
    ])
      expect(hide({ keys }, shown)).toMatch(/^[a-z ]*(?:[A-Za-z0-9+/]{0,12})?\[secret\]\.*$/);
  });

  it("is found below any name that says secret, also in what groups add to requests", () => {
    const storage = memoryStorage({
      providers: {
        p: {
          protocol: "openai",
          baseUrl: "http://127.0.0.1:9",
          params: { extra: { auth: [{ value: "nested-secret" }] }, tokenizer: "gpt2", seed: 1 },
        },
      },
      groups: {
        g: {
          models: { a: { target: "p/x", params: { api_key: "target-secret" } } },
          rules: [{ when: "default", use: "a", params: { cookie: "rule-secret" } }],
        },
      },
    });
    expect(hideSecrets(storage, "nested-secret target-secret rule-secret gpt2")).toBe(
      "[secret] [secret] [secret] gpt2",
    );
  });
});

describe("a short one", () => {
  it("is hidden where it stands alone, and not within words", () => {
    expect(
      hide({ keys: ["s3cr3"] }, "key 's3cr3' is wrong, key=s3cr3; s3cr3t is another, as is x-s3cr3"),
    ).toBe("key '[secret]' is wrong, key=[secret]; s3cr3t is another, as is x-s3cr3");
    expect(hide({ headers: { "x-api-key": "pass" } }, "got pass")).toBe("got [secret]");
    expect(hide({ baseUrl: "http://me:hunter2@127.0.0.1:9" }, "me:hunter2@x")).toBe("me:[secret]@x");
    expect(hide({ keys: ["a.*b"] }, "a.*b aXXb")).toBe("[secret] aXXb");
  });

  it("that is a word for no key, or can be guessed, is left alone", () => {
    expect(hide({ keys: ["ollama", "none", "EMPTY", "abc"] }, "ollama: none, EMPTY, abc")).toBe(
      "ollama: none, EMPTY, abc",
    );
  });
});

it("an error keeps everything but the secret", () => {
  const storage = having({ keys: ["sk-test-0123456789"] });
  const before = new GatewayError("upstream", "no such key sk-test-0123456789", {
    upstreamStatus: 401,
    retryAfterMs: 5,
    code: "sk-test-0123456789",
  });
  const after = withoutSecrets(storage, before);
  expect(after).toMatchObject({ kind: "upstream", upstreamStatus: 401, retryAfterMs: 5, code: "[secret]" });
  expect(after.message).toBe("no such key [secret]");
  const other = new GatewayError("upstream", "nothing");
  expect(withoutSecrets(storage, other)).toBe(other);
});
