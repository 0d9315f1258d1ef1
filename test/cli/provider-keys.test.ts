import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KNOWN_PROVIDERS, toProviderConfig } from "../../cli/provider/known-providers.ts";
import { findAdapter } from "../../adapters/index.ts";
import { toSlots } from "../../routing/slots.ts";
import { toUrl } from "../../server/to-url.ts";
import { withDefaults } from "../../storage/config-defaults.ts";
import { readConfig } from "../../storage/read-config.ts";
import type { Config, ProviderConfig } from "../../storage/types.ts";
import { startScriptedProvider } from "../support/scripted-provider.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

const SECRET = "sk-test-0123456789abcdef";
let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(async () => {
  await cli.run("stop", "--force", "--timeout", "0");
  cli.remove();
});

const file = (): string => join(cli.home, "config.json");
const provider = (id = "lan"): ProviderConfig => {
  const { providers } = JSON.parse(readFileSync(file(), "utf8")) as Config;
  return providers[id] ?? { protocol: "", baseUrl: "" };
};
async function addLan(baseUrl = "http://127.0.0.1:9", ...keys: string[]): Promise<void> {
  await cli.json("provider", "add", "lan", "--protocol", "openai", "--base-url", baseUrl);
  const config = JSON.parse(readFileSync(file(), "utf8")) as Config;
  Object.assign(config.providers["lan"] ?? {}, keys.length > 0 ? { keys } : {});
  config.groups = { default: { models: { "*": "lan/*" } } };
  writeFileSync(file(), JSON.stringify(config));
}

describe("provider key", () => {
  it("adds, lists, disables, enables and removes; never shows one", async () => {
    cli.env["KEY_2"] = "sk-test-2";
    await addLan("http://127.0.0.1:9", SECRET);
    expect(await cli.json("provider", "key", "add", "lan", "env:KEY_2", "env:KEY_3")).toEqual({
      provider: "lan",
      added: ["env:KEY_2", "env:KEY_3"],
    });
    expect((await cli.run("provider", "key", "add", "lan", "env:KEY_2")).code).toBe(1);
    expect((await cli.run("provider", "key", "add", "lan", SECRET)).code).toBe(2);
    const listed = await cli.run("provider", "key", "list", "lan");
    expect(listed.out.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "))).toEqual([
      "PLACE | KEY | STATE | WHY",
      "#1 | ****cdef | ready",
      "#2 | env:KEY_2 | ready",
      "#3 | env:KEY_3 | missing",
      "",
    ]);
    // By variable, by place, by how it is shown.
    for (const name of ["KEY_2", "env:KEY_2", "#2", "lan#2"]) {
      expect(await cli.json("provider", "key", "disable", "lan", name)).toEqual({
        provider: "lan",
        key: "env:KEY_2",
        enabled: false,
      });
      expect(provider()).toMatchObject({ keys: [SECRET, "env:KEY_3"], disabledKeys: ["env:KEY_2"] });
      expect((await cli.run("provider", "key", "list", "lan")).out).toMatch(/#3 +env:KEY_2 +off/);
      await cli.json("provider", "key", "enable", "lan", "env:KEY_2");
      expect(provider()).not.toHaveProperty("disabledKeys");
      await cli.json("provider", "key", "remove", "lan", "env:KEY_3");
      await cli.json("provider", "key", "add", "lan", "env:KEY_3");
    }
    await cli.json("provider", "key", "remove", "lan", "****cdef");
    const last = await cli.run("provider", "key", "disable", "lan", "env:KEY_2");
    expect(last.err).not.toContain("no other key");
    expect((await cli.run("provider", "key", "disable", "lan", "KEY_3")).err).toContain("no other key");
    expect(await cli.run("provider", "key", "remove", "lan", "env:KEY_4")).toMatchObject({
      code: 1,
      err: expect.stringContaining("did you mean env:KEY_2?") as string,
    });
    const { out } = await cli.run("provider", "show", "lan");
    expect(out).toContain("disabledKeys");
  });

  it("a provider with nothing but disabled keys is not asked without one", () => {
    const lan = { protocol: "openai", baseUrl: "http://127.0.0.1:9" };
    const slots = (more: Partial<ProviderConfig>): number =>
      toSlots({ ...withDefaults({}), providers: { lan: { ...lan, ...more } } }, "lan/m").length;
    expect([
      slots({}),
      slots({ disabledKeys: ["env:A"] }),
      slots({ keys: ["env:B"], disabledKeys: ["env:A"] }),
    ]).toEqual([1, 0, 1]);
  });

  it("tells who rests in the running daemon, and lets it be asked again", async () => {
    await addLan("http://127.0.0.1:9", "env:PATH", "env:HOME");
    expect((await cli.run("provider", "key", "clear", "lan")).code).toBe(6);
    await cli.json("start");
    expect((await cli.run("provider", "key", "list", "lan")).out).toMatch(
      /#1 +env:PATH +resting +refused, for 2 min/,
    );
    expect(await cli.json("provider", "key", "clear", "lan", "env:HOME")).toEqual({ cleared: ["lan#2"] });
  });
});

describe("provider test", () => {
  it("tries every provider, each of its keys, and says with its exit code whether all are well", async () => {
    const fake = await startScriptedProvider((request, { res }) => {
      const key = String(fake.seen.at(-1)?.headers["authorization"]);
      if (key.endsWith("bad")) return void res.writeHead(401).end(`{"error":{"message":"wrong key"}}`);
      return request.tools?.length
        ? [
            { type: "tool-start", index: 0, id: "c", name: "get_weather" },
            { type: "finish", reason: "tool-calls" },
          ]
        : [
            { type: "text-delta", text: "OK" },
            { type: "finish", reason: "stop" },
          ];
    });
    try {
      expect((await cli.run("provider", "test")).code).toBe(1);
      Object.assign(cli.env, { GOOD: "sk-test-good", BAD: "sk-test-bad" });
      await addLan(fake.url, "env:GOOD", "env:BAD");
      const { code, out, err } = await cli.run("provider", "test");
      expect({ code, err }).toEqual({ code: 0, err: "lan with env:GOOD: trying …\n" });
      expect(out).toMatch(/^lan#1: ok in \d\.\d s, model model-a\n/);
      for (const title of ["name", "connection", "key", "models", "chat", "tool call", "stream"])
        expect(out).toMatch(new RegExp(`^  ok    ${title} `, "m"));
      const all = await cli.run("provider", "test", "LAN", "--all-keys", "--json");
      expect(all.code).toBe(1);
      expect(JSON.parse(all.out)).toMatchObject([
        { keyName: "lan#1", outcome: "ok" },
        { keyName: "lan#2", outcome: "fail" },
      ]);
      const keys = await cli.run("provider", "key", "test", "lan");
      expect(keys).toMatchObject({ code: 1 });
      expect(keys.out).toMatch(
        /^ok {4}env:GOOD: the key is taken \(\d+ ms\)\nfail {2}env:BAD: the key is refused: wrong key .*\n {6}fix: /,
      );
      expect(await cli.run("provider", "key", "test", "lan", "#1")).toMatchObject({ code: 0 });
    } finally {
      await fake.close();
    }
  });
});

describe("known providers", () => {
  it("are added by their name alone; a slip is told, and an Ollama in ccproxy's own place", async () => {
    const unset = await cli.run("provider", "add", "gemini");
    expect(unset.err).toContain(
      "GEMINI_API_KEY is not set here; a key is to be had at https://aistudio.google.com/apikey",
    );
    Object.assign(cli.env, {
      GOOGLE_API_KEY: SECRET,
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      OLLAMA_HOST: "0.0.0.0",
    });
    await cli.run("provider", "remove", "gemini");
    expect(await cli.json("provider", "add", "gemini")).toMatchObject({
      protocol: "gemini",
      keys: ["env:GOOGLE_API_KEY"],
    });
    // A key in the environment belongs to the address beside it, unless that is ccproxy itself.
    expect(await cli.json("provider", "add", "openai")).toMatchObject({ baseUrl: "http://127.0.0.1:9/v1" });
    cli.env["ANTHROPIC_BASE_URL"] = "http://localhost:11434";
    expect(await cli.json("provider", "add", "anthropic")).toMatchObject({
      baseUrl: "https://api.anthropic.com",
    });
    const ollama = await cli.run("provider", "add", "ollama");
    expect(ollama.err).toContain(
      "http://127.0.0.1:11434 is where ccproxy itself listens; 'ccproxy start --port 11435'",
    );
    expect(await cli.run("provider", "add", "openruoter")).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "openrouter"?') as string,
    });
    expect(await cli.run("provider", "add", "x", "--protocol", "openai")).toMatchObject({ code: 2 });
  });

  it("can be used as they are: every one a valid configuration, an address a chat can go to, and a place for keys", async () => {
    const providers = Object.fromEntries(
      KNOWN_PROVIDERS.map((known) => [known.id, toProviderConfig(known, {})]),
    );
    expect((await readConfig(JSON.stringify({ providers }))).problems).toEqual([]);
    expect(new Set(KNOWN_PROVIDERS.map(({ id }) => id)).size).toBe(KNOWN_PROVIDERS.length);
    for (const known of KNOWN_PROVIDERS) {
      const face = findAdapter(known.protocol)?.provider;
      expect(face, known.id).toBeDefined();
      if (face) expect(toUrl(known.baseUrl, face.models.list.path, face)).not.toMatch(/v1.*\/v1/);
      expect(known.local === true || known.keys.length > 0, known.id).toBe(true);
      expect(known.from, known.id).not.toBe("");
      expect(new URL(known.baseUrl).protocol, known.id).toBe(known.local ? "http:" : "https:");
    }
  });
});
