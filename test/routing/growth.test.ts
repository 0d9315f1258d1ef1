import { describe, expect, it } from "vitest";
import { authenticate } from "../../server/auth.ts";
import { needsAllowances } from "../../server/limits/admit.ts";
import { createHealth } from "../../routing/health.ts";
import { createLatency } from "../../routing/latency.ts";
import { createRouter } from "../../routing/router.ts";
import { memoryStorage } from "../../storage/index.ts";
import type { Config, KeyConfig } from "../../storage/types.ts";

describe("what a request costs when there is much of everything", () => {
  it("walks through no aliases, keys or providers, but once for a configuration", () => {
    const walks: string[] = [];
    const storage = memoryStorage();
    const { id, secret, record } = storage.keyRing.create("laptop");
    const keys: Record<string, KeyConfig> = { [id]: record };
    for (let at = 0; at < 1000; at++) keys[`k_${at}`] = { ...record, name: `client ${at}` };
    const providers: Config["providers"] = { up: { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1" } };
    for (let at = 0; at < 100; at++) providers[`provider-${at}`] = { ...providers["up"]! };
    const models: Record<string, string> = { "*": "up/*", wanted: "up/model" };
    for (let at = 0; at < 10_000; at++) models[`alias-${at}`] = "up/model";
    const config: Config = {
      ...storage.config.current,
      keys: counting(keys, "keys", walks),
      providers: counting(providers, "providers", walks),
      groups: { default: { models: counting(models, "aliases", walks) } },
    };
    const router = createRouter(config, {
      health: createHealth(() => 0),
      latency: createLatency(() => 0),
      cachesPrompts: () => false,
    });
    const request = (): void => {
      const headers = { authorization: `Bearer ${secret}` };
      const question = { headers, query: new URLSearchParams(), remoteAddress: "127.0.0.1", keyless: false };
      expect(authenticate({ ...question, protocol: "openai" }, config, storage.keyRing, 0).keyId).toBe(id);
      needsAllowances(config);
      for (const name of ["wanted", "alias-9999", "anything"])
        expect(router.targets("default", name)).toHaveLength(1);
    };
    request();
    expect(new Set(walks)).toEqual(new Set(["keys", "providers", "aliases"]));
    walks.length = 0;
    for (let turn = 0; turn < 3; turn++) request();
    expect(walks).toEqual([]);
  });
});

/** Notes each time somebody asks for all names at once. */
function counting<T extends object>(target: T, name: string, walks: string[]): T {
  return new Proxy(target, {
    ownKeys(all) {
      walks.push(name);
      return Reflect.ownKeys(all);
    },
  });
}
