import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "../../server/serve.ts";
import { memoryStorage, openStorage } from "../../storage/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "serve-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("startServer", () => {
  it("answers health to anyone, status and metrics only with the admin token it has made by then", async () => {
    const storage = await openStorage(dir, { watch: false });
    const server = await startServer({ storage, host: "127.0.0.1", port: 0 });
    const get = (path: string, headers = {}): Promise<Response> => fetch(server.url + path, { headers });
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok", pid: process.pid });
    expect((await get("/ready")).status).toBe(200);
    const file = join(dir, "admin-token");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const authorization = `Bearer ${(await readFile(file, "utf8")).trim()}`;
    for (const path of ["/status", "/metrics"]) {
      expect((await get(path)).status, path).toBe(401);
      expect((await get(path, { authorization: "Bearer wrong" })).status, path).toBe(401);
      expect((await get(path, { authorization })).status, path).toBe(200);
    }
    const status = (await (await get("/status", { authorization })).json()) as Record<string, unknown>;
    expect(status).toMatchObject({ activeGroup: "default", pid: process.pid, clientKeys: 0 });
    expect(await (await get("/metrics", { authorization })).text()).toContain("ccproxy_uptime_seconds");
    await server.close(0);
    await storage.close();
  });

  it("does not take a client key for the admin token, nor listens to others without one", async () => {
    const storage = memoryStorage();
    const { id, secret, record } = storage.keyRing.create("laptop");
    await expect(startServer({ storage, host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "CONFIG_REFUSED",
    });
    await storage.config.update((draft) => {
      draft.keys[id] = record;
    });
    const server = await startServer({ storage, host: "127.0.0.1", port: 0 });
    const authorization = `Bearer ${secret}`;
    expect((await fetch(`${server.url}/v1/models`, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(`${server.url}/status`, { headers: { authorization } })).status).toBe(401);
    await server.close(0);
    await storage.close();
  });
});
