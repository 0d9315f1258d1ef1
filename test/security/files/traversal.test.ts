import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "../../../server/serve.ts";
import type { RunningServer } from "../../../server/serve-options.ts";
import { openStorage } from "../../../storage/index.ts";
import type { Storage } from "../../../storage/types.ts";
import { createTestCli } from "../../cli/test-io.ts";

/** 500 names that lead elsewhere if they are taken for paths. */
const NAMES = toNames();
const OURS =
  /^(?:config\.json|config\.json\.bak(?:-\d{8}T\d+Z)?|config\.schema\.json|admin-token|pepper|state|state\/checked-config|records|(?:state|records)\/[a-z0-9_-]*~[0-9a-f]{24}\.json)$/;

let root: string;
let home: string;
let storage: Storage;
let server: RunningServer | undefined;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "ccproxy-traversal-"));
  home = join(root, "a", "b", "home");
  writeFileSync(join(root, "secret.txt"), "outside");
  storage = await openStorage(home, { watch: false });
});
afterEach(async () => {
  await server?.close(0);
  server = undefined;
  await storage.close();
  rmSync(root, { recursive: true, force: true });
});

const everything = (): string[] => readdirSync(root, { recursive: true, encoding: "utf8" }).sort();

/** What there is beside what ccproxy makes in its folder. */
const strangers = (): string[] =>
  everything()
    .filter((path) => !["a", "a/b", "a/b/home", "secret.txt"].includes(path))
    .filter((path) => !OURS.test(path.slice("a/b/home/".length)));

describe("S29: 500 names that are paths", () => {
  it("as names of state stay in its folder, and come back", async () => {
    expect(NAMES).toHaveLength(500);
    for (const name of NAMES) {
      await storage.state.set(name, name);
      expect(await storage.state.get(name)).toBe(name);
    }
    expect(await storage.state.keys()).toEqual([...NAMES].sort());
    expect(strangers()).toEqual([]);
    expect(everything().filter((path) => path.includes("state/"))).toHaveLength(500);
    for (const name of NAMES) await storage.state.remove(name);
    expect(everything().filter((path) => path.includes("state/"))).toEqual([]);
    expect(readFileSync(join(root, "secret.txt"), "utf8")).toBe("outside");
  }, 30_000);

  it("as files of models, models, answers and groups in requests touch nothing", async () => {
    await storage.config.update((draft) => {
      draft.server.keepResponses = "disk";
      draft.groups["default"] = { models: { demo: "demo/demo" } };
      draft.providers["demo"] = { protocol: "openai", baseUrl: "http://127.0.0.1:9" };
    });
    server = await startServer({ storage, host: "127.0.0.1", port: 0 });
    const { port } = new URL(server.url);
    const statuses = new Set<number>();
    const ask = async (method: string, path: string, body?: unknown): Promise<void> => {
      const answer = await send({ port, method, path, body });
      // Ollama's own words for a model that nobody has.
      if (path !== "/api/pull") statuses.add(answer.status);
      expect(answer.text, path).not.toContain("outside");
      expect(answer.text, path).not.toContain("root:");
    };
    for (const name of NAMES) {
      // As a client sends it that does not tidy paths up, and one that does.
      const whole = name.replaceAll(/[\ud800-\udfff]/g, "?");
      const raw = whole.replaceAll(/[^\x21-\x7e]|[#?]/g, encodeURIComponent);
      const encoded = encodeURIComponent(whole);
      await ask("HEAD", `/api/blobs/${raw}`);
      await ask("POST", `/api/blobs/${encoded}`, "x");
      await ask("POST", `/api/blobs/sha256:${raw}`, "x");
      await ask("GET", `/v1/responses/${encoded}`);
      await ask("DELETE", `/v1/responses/${raw}`);
      await ask("GET", `/v1/models/${raw}`);
      await ask("GET", `/${raw}/v1/models`);
      await ask("POST", "/api/show", { model: name });
      await ask("POST", "/api/pull", { model: name, stream: false });
      await ask("POST", "/api/create", { model: name, from: "demo", files: { [name]: name }, stream: false });
      await ask("POST", "/api/copy", { source: "demo", destination: name });
      await ask("DELETE", "/api/delete", { model: name });
      await ask("POST", "/v1/responses", { model: "demo", input: "x", previous_response_id: name });
    }
    expect(strangers()).toEqual([]);
    expect(readFileSync(join(root, "secret.txt"), "utf8")).toBe("outside");
    expect([...statuses].filter((status) => status >= 500 && status !== 502 && status !== 503)).toEqual([]);
  }, 60_000);

  it("as names in commands make nothing", async () => {
    const cli = createTestCli();
    try {
      await cli.run("provider", "add", "lan", "--protocol", "ollama", "--base-url", "http://127.0.0.1:9");
      const parent = join(cli.home, "..");
      const before = readdirSync(parent, { recursive: true, encoding: "utf8" }).sort();
      for (const name of NAMES.filter((_, at) => at % 3 === 0)) {
        await cli.run("provider", "add", name, "--protocol", "ollama", "--base-url", "http://127.0.0.1:9");
        await cli.run("group", "add", name);
        await cli.run("use", name);
        await cli.run("key", "show", name);
        await cli.run("logs", "--lines", name);
      }
      const after = readdirSync(parent, { recursive: true, encoding: "utf8" }).sort();
      const own = /^home\/config\.json\.bak-\d{8}T\d+Z$/;
      expect(after.filter((path) => !before.includes(path) && !own.test(path))).toEqual([]);
      const config = JSON.parse(readFileSync(join(cli.home, "config.json"), "utf8")) as {
        providers: object;
        groups?: object;
      };
      for (const name of [...Object.keys(config.providers), ...Object.keys(config.groups ?? {})])
        expect(name).toMatch(/^[\w.-]+$/);
    } finally {
      cli.remove();
    }
  }, 60_000);
});

function send(options: {
  port: string;
  method: string;
  path: string;
  body?: unknown;
}): Promise<{ status: number; text: string }> {
  const { port, method, path, body } = options;
  return new Promise((resolve, reject) => {
    const req = request({ host: "127.0.0.1", port, method, path }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () =>
        resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    req.on("error", reject);
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function toNames(): string[] {
  const up = [
    "../",
    "..\\",
    "%2e%2e/",
    "..%2f",
    "..%5c",
    "....//",
    "..;/",
    "%252e%252e%252f",
    "\uff0e\uff0e/",
    "..%c0%af",
  ];
  const targets = ["secret.txt", "etc/passwd", "home/config.json", "admin-token", "pepper", ".ssh/id_rsa"];
  const names = up.flatMap((step) =>
    targets.flatMap((target) => [1, 2, 3, 4, 6, 8].map((depth) => step.repeat(depth) + target)),
  );
  const others = [
    "/etc/passwd",
    "//etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\host\\share",
    "file:///etc/passwd",
    "~",
    "~/x",
    "$HOME",
    "%HOME%",
    "`id`",
    "$(id)",
    "..",
    ".",
    "...",
    "a/../../b",
    "a/./b",
    "./x",
    "x/",
    "x/..",
    "a//b",
    "\0",
    "x\0.json",
    "../x\0",
    "x\n../y",
    "CON",
    "NUL.txt",
    "aux",
    "LPT1",
    "__proto__",
    "constructor",
    "-rf",
    "*",
    "?",
    "x".repeat(300),
    `${"../".repeat(200)}x`,
    "sha256:../../x",
    `sha256:${"0".repeat(63)}/`,
    `sha256:${"0".repeat(64)}/../x`,
    ".config.json.0123456789abcdef.tmp",
    "config.json.lock",
    "state/../../x",
    "x~../y",
    "\u202e..",
    "\ud800/../x",
  ];
  const more = Array.from(
    { length: 140 - others.length },
    (_, at) => `${"../".repeat((at % 7) + 1)}x${at}\u0000`,
  );
  return [...names, ...others, ...more];
}
