import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStorage } from "../../../storage/index.ts";
import { protectFile, protectFolder } from "../../../storage/protect-file.ts";
import { createTestCli, type TestCli } from "../../cli/test-io.ts";
import { compileStorage } from "../../storage/compile-storage.ts";
import { buildCli, type BuiltCli } from "../../support/built-cli.ts";

let built: BuiltCli;
beforeAll(() => {
  built = buildCli();
}, 60_000);
afterAll(() => built.remove());

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

/** Everything below a folder whose mode lets anyone in but its owner. */
const wide = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !lstatSync(path).isSymbolicLink())
    .filter((path) => modeOf(path) !== (statSync(path).isDirectory() ? 0o700 : 0o600))
    .map((path) => `${path.slice(dir.length)} ${modeOf(path).toString(8)}`);

describe.skipIf(process.platform === "win32").each([0o000, 0o022, 0o077, 0o277, 0o777])(
  "S27: under umask %o",
  (umask) => {
    let cli: TestCli;
    let before: number;
    beforeEach(() => {
      before = process.umask(umask);
      cli = createTestCli({ program: [process.execPath, built.path] });
      cli.env["CCPROXY_PORT"] = "0";
    });
    afterEach(async () => {
      await cli.run("stop", "--force", "--timeout", "0");
      cli.remove();
      process.umask(before);
    });

    it("files are 0600 and folders 0700 right after every operation", async () => {
      const seen = new Set<string>();
      const check = (what: string): void => {
        expect([what, ...wide(cli.home)]).toEqual([what]);
        expect([what, modeOf(cli.home)]).toEqual([what, 0o700]);
        for (const name of readdirSync(cli.home)) seen.add(name.replace(/-\d.*/, "-*"));
      };
      const run = async (...argv: string[]): Promise<void> => {
        const { code, err } = await cli.run(...argv);
        expect([argv.join(" "), code, code === 0 ? "" : err]).toEqual([argv.join(" "), 0, ""]);
        check(argv.join(" "));
      };
      await run("provider", "add", "lan", "--protocol", "ollama", "--base-url", "http://127.0.0.1:9");
      cli.stdin = "some-literal-key";
      await run("provider", "edit", "lan", "--key", "-");
      await run("group", "add", "a");
      await run("model", "add", "x", "lan/y", "--group", "a");
      await run("use", "a");
      await run("key", "add", "laptop");
      await run("key", "edit", "laptop", "--no-enabled");
      await run("key", "remove", "laptop");
      await run("start");
      await run("restart");
      await run("stop");
      const storage = await openStorage(cli.home, { watch: false });
      await storage.state.set("k", { a: 1 });
      check("state set");
      await storage.adminToken();
      check("admin token");
      await storage.close();
      // Rolled back: the good copy serves, the broken file lies aside.
      writeFileSync(join(cli.home, "config.json"), "{ broken", { mode: 0o600 });
      await run("provider", "list");
      writeFileSync(join(cli.home, "config.json"), "", { mode: 0o600 });
      await run("group", "add", "b");
      expect([...seen].sort()).toEqual(
        expect.arrayContaining([
          "admin-token",
          "ccproxy.log",
          "ccproxy.pid",
          "config.json",
          "config.json.bak",
          "config.json.corrupt-*",
          "config.schema.json",
          "pepper",
          "state",
        ]),
      );
    });

    it("what is wider at the start is narrowed", async () => {
      mkdirSync(join(cli.home, "state"), { recursive: true });
      for (const [name, text] of [
        ["config.json", "{}"],
        ["config.json.bak", "{}"],
        ["admin-token", "a".repeat(43)],
        ["pepper", "p".repeat(43)],
        ["ccproxy.log", "a line\n"],
      ] as const) {
        writeFileSync(join(cli.home, name), text);
        chmodSync(join(cli.home, name), 0o666);
      }
      chmodSync(cli.home, 0o777);
      await cli.run("key", "add", "x");
      await cli.run("start");
      await (await openStorage(cli.home, { watch: false })).adminToken();
      expect(wide(cli.home).filter((path) => !path.startsWith("/state"))).toEqual([]);
      expect(modeOf(cli.home)).toBe(0o700);
    });
  },
);

describe.skipIf(process.platform === "win32")("S27: whose files they are", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ccproxy-owner-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("a folder open to all is refused, not closed: others live there", () => {
    chmodSync(dir, 0o1777);
    expect(() => protectFolder(dir)).toThrow("others may write into");
    expect(modeOf(dir)).toBe(0o1777);
    chmodSync(dir, 0o755);
    protectFolder(dir);
    expect(modeOf(dir)).toBe(0o700);
    protectFolder(join(dir, "missing"));
  });

  it("of someone else they are refused, of root they are taken", () => {
    const file = join(dir, "config.json");
    writeFileSync(file, "{}", { mode: 0o600 });
    const { uid } = statSync(file);
    const stranger = uid + 1;
    if (uid === 0) expect(() => protectFile(file, stranger)).not.toThrow();
    else expect(() => protectFile(file, stranger)).toThrow("belongs to another user");
    expect(() => protectFile(file, uid)).not.toThrow();
    protectFile(join(dir, "missing"), stranger);
  });

  it.runIf(process.getuid?.() === 0)(
    "a start refuses the files of another user, and links in a folder open to all",
    () => {
      const entry = compileStorage(join(dir, "compiled"));
      chmodSync(dir, 0o755);
      chmodSync(join(dir, "compiled"), 0o755);
      const home = join(dir, "home");
      const asUser = (uid: number): string => {
        const script = `process.setuid(${uid});
        const { openStorage } = await import(${JSON.stringify(entry)});
        await openStorage(${JSON.stringify(home)}, { watch: false }).then(
          (storage) => console.log("opened " + storage.config.current.server.port),
          (error) => console.log(error.code + " " + error.message));`;
        return execFileSync(process.execPath, ["--input-type=module", "-e", script], {
          encoding: "utf8",
        }).trim();
      };
      const [us, stranger] = [12_345, 54_321];
      const file = join(home, "config.json");
      mkdirSync(home, { mode: 0o700 });
      chownSync(home, us, us);
      writeFileSync(file, '{"server":{"port":77}}', { mode: 0o644 });
      // Root's, as of a container's mounted configuration.
      expect(asUser(us)).toBe("opened 77");
      chmodSync(file, 0o666);
      expect(asUser(us)).toMatch(/^CONFIG_REFUSED .*may be written by others/);
      chmodSync(file, 0o644);
      chownSync(file, stranger, stranger);
      expect(asUser(us)).toMatch(/^CONFIG_REFUSED .*belongs to another user \(uid 54321\)/);
      chownSync(file, us, us);
      expect(asUser(us)).toBe("opened 77");
      expect(modeOf(file)).toBe(0o600);
      // A link made by someone else, where anyone may make one.
      const open = join(dir, "open");
      mkdirSync(open);
      chmodSync(open, 0o777);
      const link = join(open, "config.json");
      symlinkSync(file, link);
      protectFile(link);
      execFileSync("chown", ["-h", `${stranger}`, link]);
      expect(() => protectFile(link)).toThrow("is a link that another user");
      chmodSync(open, 0o755);
      protectFile(link);
    },
  );
});
