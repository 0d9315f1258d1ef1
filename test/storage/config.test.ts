import { execFile, execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStorage, openStorage, type OpenOptions } from "../../storage/index.ts";
import type { Storage } from "../../storage/types.ts";
import { compileStorage } from "./compile-storage.ts";

const run = promisify(execFile);

let home: string;
let opened: Storage[];
const file = (): string => join(home, "config.json");
const write = (value: unknown): void =>
  writeFileSync(file(), typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
const read = (): Record<string, unknown> =>
  JSON.parse(readFileSync(file(), "utf8")) as Record<string, unknown>;
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const lan = { protocol: "ollama", baseUrl: "http://127.0.0.1:9" };

async function open(options: OpenOptions = {}): Promise<Storage> {
  const storage = await openStorage(home, { watch: false, ...options });
  opened.push(storage);
  return storage;
}

beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "ccproxy-config-")), "home");
  opened = [];
});

afterEach(async () => {
  for (const storage of opened) await storage.close();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

describe("a new home", () => {
  it("serves defaults and makes nothing", async () => {
    const { config } = await open();
    expect(config.current).toEqual({
      server: { host: "127.0.0.1", port: 11434, ollamaOpen: true },
      providers: {},
      groups: {},
      activeGroup: "default",
      keys: {},
    });
    expect(() => statSync(home)).toThrow("ENOENT");
  });

  it("writes only what was changed, with the schema beside it", async () => {
    const { config } = await open();
    await config.update((draft) => {
      draft.providers["lan"] = lan;
    });
    expect(read()).toEqual({ $schema: "./config.schema.json", providers: { lan } });
    expect(config.current.providers["lan"]).toEqual(lan);
    expect(config.current.server.port).toBe(11434);
    expect(JSON.parse(readFileSync(join(home, "config.schema.json"), "utf8"))).toHaveProperty(
      "properties.providers",
    );
  });

  it.each([0o000, 0o022, 0o077])(
    "trap 0.1: keeps files 0600 and the folder 0700 under umask %o",
    async (umask) => {
      const before = process.umask(umask);
      try {
        const storage = await open();
        for (const id of ["a", "b"]) {
          await storage.config.update((draft) => {
            draft.providers[id] = lan;
          });
        }
        await storage.adminToken();
        storage.keyRing.create("x");
        await storage.state.set("k", 1);
      } finally {
        process.umask(before);
      }
      expect(modeOf(home)).toBe(0o700);
      expect(modeOf(join(home, "state"))).toBe(0o700);
      const names = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      expect(names.map((entry) => entry.name)).toEqual(
        expect.arrayContaining(["config.json", "config.json.bak", "admin-token", "pepper"]),
      );
      for (const entry of names)
        expect([entry.name, modeOf(join(entry.parentPath, entry.name))]).toEqual([entry.name, 0o600]);
    },
  );
});

describe("changes", () => {
  beforeEach(() => mkdirSync(home, { mode: 0o700 }));

  it("trap 0.5: keeps a symlink, and writes to what it points at", async () => {
    const dotfiles = join(home, "..", "dotfiles.json");
    writeFileSync(dotfiles, "{}");
    symlinkSync(dotfiles, file());
    const { config } = await open();
    await config.update((draft) => {
      draft.providers["lan"] = lan;
    });
    expect(lstatSync(file()).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(dotfiles, "utf8"))).toEqual({ providers: { lan } });
    expect(modeOf(dotfiles)).toBe(0o600);
  });

  it("keeps unknown fields, order and indentation, and warns of the fields", async () => {
    write('{\n\t"futureThing": {"a": [1]},\n\t"server": {"prot": 1, "port": 5000}\n}');
    const { config } = await open();
    expect(config.warnings?.map((warning) => [warning.pointer, warning.line])).toEqual([
      ["/futureThing", 2],
      ["/server/prot", 3],
    ]);
    expect(config.warnings?.[1]?.message).toContain('did you mean "port"?');
    await config.update((draft) => {
      draft.server.host = "127.0.0.2";
    });
    expect(Object.keys(read())).toEqual(["futureThing", "server"]);
    expect(read()).toEqual({ futureThing: { a: [1] }, server: { prot: 1, port: 5000, host: "127.0.0.2" } });
    expect(readFileSync(file(), "utf8")).toContain('\n\t"server"');
  });

  it("applies to the file as it is now, not as it was read", async () => {
    write({ providers: { lan } });
    const { config } = await open();
    write({ providers: { lan, other: lan } });
    await config.update((draft) => {
      draft.providers["third"] = lan;
    });
    expect(Object.keys(config.current.providers)).toEqual(["lan", "other", "third"]);
  });

  it("does not write over an edit that is saved while it makes the change", async () => {
    const { config } = await open();
    await config.update((draft) => void (draft.server.port = 1));
    let edits = 0;
    await config.update((draft) => {
      // As an editor would, between our reading and our writing.
      if (edits++ === 0)
        writeFileSync(
          config.file,
          JSON.stringify({ server: { port: 1 }, activeGroup: "default", edited: true }),
        );
      draft.server.maxWaitMs = 5;
    });
    expect(edits).toBe(2);
    expect(JSON.parse(readFileSync(config.file, "utf8"))).toMatchObject({
      server: { port: 1, maxWaitMs: 5 },
      edited: true,
    });
  });

  it("refuses a change that makes it wrong, and leaves file and memory alone", async () => {
    write({ providers: { lan } });
    const { config } = await open();
    const before = config.current;
    const change = config.update((draft) => {
      draft.groups["a"] = { models: { x: "lam/y" } };
    });
    await expect(change).rejects.toMatchObject({
      code: "CONFIG_REFUSED",
      message: expect.stringContaining('did you mean "lan"?') as string,
    });
    expect(read()).toEqual({ providers: { lan } });
    expect(config.current).toBe(before);
  });

  it("does not write over a file whose last edit is wrong", async () => {
    write({ providers: { lan } });
    const { config } = await open();
    write('{ "providers": ');
    const change = config.update((draft) => {
      draft.activeGroup = "default";
    });
    await expect(change).rejects.toThrow("must be mended first: not valid JSON: the file ends too early");
    expect(readFileSync(file(), "utf8")).toBe('{ "providers": ');
  });

  it("trap 0.2: two processes that write at once lose no edit and break nothing", async () => {
    write({});
    const entry = compileStorage(join(home, "..", "compiled"));
    const writer = (name: string): Promise<unknown> =>
      run(process.execPath, [
        "--input-type=module",
        "-e",
        `const { openStorage } = await import(${JSON.stringify(entry)});
         const storage = await openStorage(${JSON.stringify(home)}, { watch: false });
         for (let i = 0; i < 25; i++) await storage.config.update((draft) => { draft.providers["${name}" + i] = ${JSON.stringify(lan)}; });
         await storage.close();`,
      ]);
    const { config } = await open();
    const ours = Promise.all(
      Array.from({ length: 25 }, (_, i) =>
        config.update((draft) => {
          draft.providers[`ours${i}`] = lan;
        }),
      ),
    );
    await Promise.all([ours, writer("a"), writer("b")]);
    expect(Object.keys(read()["providers"] as object)).toHaveLength(75);
    expect(readdirSync(home).filter((name) => name.endsWith(".tmp") || name.includes(".lock"))).toEqual([]);
  });

  it("trap 0.4: a writer that is killed at any moment leaves a whole file, and no lock that holds others up", async () => {
    write({});
    const entry = compileStorage(join(home, "..", "compiled"));
    const endless = `const { openStorage } = await import(${JSON.stringify(entry)});
      const storage = await openStorage(${JSON.stringify(home)}, { watch: false });
      for (let i = 0; ; i++) await storage.config.update((draft) => { draft.providers["p" + (i % 50)] = { protocol: "ollama", baseUrl: "http://127.0.0.1:" + i }; });`;
    for (let round = 0; round < 6; round++) {
      const child = execFile(process.execPath, ["--input-type=module", "-e", endless]);
      const before = readFileSync(file(), "utf8");
      await until(() => readFileSync(file(), "utf8") !== before);
      await new Promise((resolve) => setTimeout(resolve, round * 7));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      const { config } = await open();
      expect(config.problem).toBeUndefined();
      await config.update((draft) => {
        draft.server.port = 1000 + round;
      });
      expect(modeOf(file())).toBe(0o600);
    }
  });

  it("takes over the lock of a process that is gone, and waits for one that lives", async () => {
    write({});
    const { config } = await open();
    const gone = spawnedPid();
    writeFileSync(
      `${file()}.lock`,
      JSON.stringify({ token: "t", pid: gone, host: (await import("node:os")).hostname() }),
    );
    await config.update((draft) => {
      draft.providers["lan"] = lan;
    });
    writeFileSync(
      `${file()}.lock`,
      JSON.stringify({ token: "t", pid: process.pid, host: (await import("node:os")).hostname() }),
    );
    let done = false;
    const second = config
      .update((draft) => {
        draft.providers["two"] = lan;
      })
      .then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(done).toBe(false);
    rmSync(`${file()}.lock`);
    await second;
    expect(Object.keys(config.current.providers)).toEqual(["lan", "two"]);
  });

  it("sweeps the temporary files of killed writers", async () => {
    write({});
    const old = join(home, ".config.json.0123456789abcdef.tmp");
    const fresh = join(home, ".config.json.fedcba9876543210.tmp");
    writeFileSync(old, "half");
    writeFileSync(fresh, "half");
    utimesSync(old, new Date(0), new Date(0));
    await open();
    expect(readdirSync(home)).toContain(".config.json.fedcba9876543210.tmp");
    expect(readdirSync(home)).not.toContain(".config.json.0123456789abcdef.tmp");
  });
});

describe("a file that cannot be used", () => {
  beforeEach(() => mkdirSync(home, { mode: 0o700 }));

  it.each([
    ["empty", ""],
    ["zeroed", "\0\0\0\0"],
    ["cut", '{"providers": {"lan": {"proto'],
    ["garbage", "<html>"],
  ])("trap 0.6: %s at the start, the last good copy serves", async (_, text) => {
    write({ providers: { lan } });
    await (await open()).close();
    write(text);
    const { config } = await open();
    expect(config.current.providers).toEqual({ lan });
    expect(config.problem).toMatchObject({ pointer: "", line: 1 });
    expect(config.problem?.message).toContain("config.json.bak serves in its place");
    // Nothing is thrown away: the file is where it was, and what is in it also lies aside, once.
    await open();
    const aside = readdirSync(home).filter((name) => name.includes(".corrupt-"));
    expect(aside).toHaveLength(text === "" ? 0 : 1);
    if (aside[0]) expect(readFileSync(join(home, aside[0]), "utf8")).toBe(text);
  });

  it("mends an empty file with the next change, from the last good copy", async () => {
    write({ providers: { lan } });
    await open();
    write("");
    const { config } = await open();
    await config.update((draft) => {
      draft.providers["two"] = lan;
    });
    expect(Object.keys(read()["providers"] as object)).toEqual(["lan", "two"]);
    expect(config.problem).toBeUndefined();
  });

  it("is refused when there is no good copy: defaults would let anyone in", async () => {
    write('{"keys": {"k_1": {"name": "x"}}}');
    await expect(open()).rejects.toMatchObject({
      code: "CONFIG_REFUSED",
      message: expect.stringContaining("/keys/k_1/hash: is missing (line 1)") as string,
    });
    expect(readdirSync(home)).toEqual(["config.json"]);
  });
});

describe("edits by others", () => {
  beforeEach(() => mkdirSync(home, { mode: 0o700 }));

  it("are taken over when the file is replaced or written, and told to listeners", async () => {
    write({ providers: { lan } });
    const { config } = await open({ watch: true });
    const ports: number[] = [];
    const stop = config.onChange((change) => ports.push(change.config.server.port));
    const replacement = join(home, ".config.json.swp");
    writeFileSync(replacement, '{"server":{"port":2}}');
    renameSync(replacement, file());
    await until(() => config.current.server.port === 2);
    write({ server: { port: 3 } });
    await until(() => config.current.server.port === 3);
    stop();
    expect(ports).toEqual([2, 3]);
  });

  it("are seen where the file came after the start", async () => {
    rmSync(home, { recursive: true });
    const { config } = await open({ watch: true });
    mkdirSync(home);
    write({ server: { port: 4 } });
    await until(() => config.current.server.port === 4);
    expect(config.problem).toBeUndefined();
  });

  it("leave what runs in force when they are wrong, with place and line", async () => {
    write({ providers: { lan } });
    const { config } = await open({ watch: true });
    const before = config.current;
    const heard: unknown[] = [];
    config.onChange((change) => heard.push(change.problem?.pointer));
    write('{\n  "providers": {\n    "lan": { "protocol": "olama", "baseUrl": "http://127.0.0.1:9" }\n  }\n}');
    await until(() => config.problem !== undefined);
    expect(config.current).toBe(before);
    expect(config.problem).toEqual({
      pointer: "/providers/lan/protocol",
      line: 3,
      column: 26,
      message:
        '/providers/lan/protocol: expected one of openai, openai-responses, claude, gemini, ollama, got "olama"; did you mean "ollama"?',
    });
    write({ providers: { lan }, server: { port: 7 } });
    await until(() => config.problem === undefined);
    expect(config.current.server.port).toBe(7);
    expect(heard).toEqual(["/providers/lan/protocol", undefined]);
  });

  it("a removed file leaves what runs in force, and the next change brings it back", async () => {
    write({ providers: { lan } });
    const { config } = await open();
    rmSync(file());
    await config.reload();
    expect(config.problem?.message).toContain("is gone");
    expect(config.current.providers).toEqual({ lan });
    await config.update((draft) => {
      draft.server.port = 8;
    });
    expect(read()).toEqual({ providers: { lan }, server: { port: 8 } });
    expect(config.problem).toBeUndefined();
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("did not happen within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const spawnedPid = (): number =>
  Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));

describe("in memory", () => {
  it("changes are checked and told, one after the other", async () => {
    const { config } = memoryStorage({ providers: { lan } });
    const ports: number[] = [];
    config.onChange((change) => ports.push(change.config.server.port));
    const first = config.current;
    const changes = [1, 2].map((port) =>
      config.update((draft) => {
        draft.server.port = port;
      }),
    );
    await Promise.all(changes);
    expect(ports).toEqual([1, 2]);
    expect(first.server.port).toBe(11434);
    const wrong = config.update((draft) => {
      draft.activeGroup = "nowhere";
    });
    await expect(wrong).rejects.toMatchObject({ code: "CONFIG_REFUSED" });
    expect(config.current).toMatchObject({ providers: { lan }, activeGroup: "default", server: { port: 2 } });
  });
});
