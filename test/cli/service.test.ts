import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePlist } from "../../cli/service/write-plist.ts";
import { writeTask } from "../../cli/service/write-task.ts";
import { writeUnit } from "../../cli/service/write-unit.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

const golden = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/service/${name}`, import.meta.url));
const plain = {
  program: ["/usr/bin/node", "/usr/lib/node_modules/ccproxy/dist/cli.js"],
  dir: "/home/me/.ccproxy",
  configFile: "/home/me/.ccproxy/config.json",
  logFile: "/home/me/.ccproxy/ccproxy.log",
};
const odd = {
  program: ["/opt/no de/bin/node", "/opt/100%/$HOME/<cli>&.js"],
  dir: '/home/m"e/cc proxy',
  configFile: '/home/m"e/cc proxy/config.json',
  logFile: '/home/m"e/cc proxy/ccproxy.log',
};

describe("files", () => {
  it.each([
    ["ccproxy.service", writeUnit(plain)],
    ["ccproxy-odd.service", writeUnit(odd)],
    ["dev.ccproxy.daemon.plist", writePlist(plain)],
    ["odd.plist", writePlist(odd)],
    ["ccproxy-task.xml", writeTask(plain)],
    ["odd-task.xml", writeTask(odd)],
  ])("%s", async (name, text) => {
    await expect(text).toMatchFileSnapshot(golden(name));
  });

  it("the unit may change nothing but its own folder, gain no rights, and not grow without end", () => {
    const unit = writeUnit(plain);
    for (const line of [
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "ReadWritePaths=/home/me/.ccproxy",
      "MemoryMax=1G",
      "Restart=on-failure",
      "UMask=0077",
    ])
      expect(unit.split("\n")).toContain(line);
  });
});

let cli: TestCli;
let bin: string;
/** A program of the system that writes down how it was called. */
function fake(name: string, body = "exit 0"): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> "${bin}/calls"\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}
const calls = (): string[] =>
  existsSync(join(bin, "calls")) ? readFileSync(join(bin, "calls"), "utf8").trim().split("\n") : [];

beforeEach(() => {
  cli = createTestCli({ platform: "linux" });
  bin = join(cli.home, "..", "bin");
  mkdirSync(bin);
  cli.env["PATH"] = bin;
  cli.env["USER"] = "me";
});
afterEach(() => cli.remove());

describe.skipIf(process.platform === "win32")("service on Linux", () => {
  const unit = (): string => join(cli.env["HOME"] ?? "", ".config/systemd/user/ccproxy.service");

  it("is installed, seen and removed", async () => {
    fake("systemctl");
    fake("loginctl", 'echo "Linger=no"');
    await cli.run(
      "provider",
      "add",
      "p",
      "--protocol",
      "openai",
      "--base-url",
      "http://127.0.0.1:9",
      "--key",
      "env:P_KEY",
    );
    const installed = await cli.run("service", "install");
    expect(installed).toMatchObject({ code: 0, out: "" });
    expect(installed.err).toContain("loginctl enable-linger");
    expect(installed.err).toContain(`put P_KEY as NAME=value into ${join(cli.home, "service.env")}`);
    expect(readFileSync(unit(), "utf8")).toContain(`ReadWritePaths=${cli.home}`);
    expect(statSync(unit()).mode & 0o777).toBe(0o644);
    expect(calls()).toEqual([
      "systemctl --user daemon-reload",
      "systemctl --user enable --now ccproxy.service",
      "loginctl show-user me --property=Linger",
    ]);
    expect(await cli.json("service", "status")).toMatchObject({
      installed: true,
      current: true,
      running: true,
    });
    writeFileSync(unit(), "old");
    expect((await cli.run("service", "status")).err).toContain("'ccproxy service install' renews it");
    expect(await cli.json("service", "uninstall")).toMatchObject({ removed: true });
    expect(existsSync(unit())).toBe(false);
    expect(await cli.json("service", "uninstall")).toMatchObject({ removed: false });
    expect(await cli.json("service", "status")).toMatchObject({ installed: false, running: false });
  });

  it("--dry-run does nothing and says what would be done", async () => {
    fake("systemctl");
    fake("loginctl", 'echo "Linger=yes"');
    const { code, out, err } = await cli.run("service", "install", "--dry-run");
    expect(code).toBe(0);
    expect(out).toContain(`# ${unit()}\n[Unit]\n`);
    expect(out).toContain("# systemctl --user enable --now ccproxy.service\n");
    expect(err).not.toContain("enable-linger");
    expect(existsSync(unit())).toBe(false);
    expect(calls()).toEqual(["loginctl show-user me --property=Linger"]);
  });

  it("says why it cannot be installed", async () => {
    expect(await cli.run("service", "install")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no systemctl here") as string,
    });
    fake("systemctl", 'echo "Failed to connect to bus" >&2; exit 1');
    expect(await cli.run("service", "install")).toMatchObject({
      code: 1,
      err: expect.stringContaining("Failed to connect to bus") as string,
    });
    await cli.json("start");
    expect(await cli.run("service", "install")).toMatchObject({
      code: 1,
      err: expect.stringContaining("a daemon runs already") as string,
    });
    await cli.run("stop", "--force");
  });
});

it.each([
  ["darwin", "launchd", "launchctl bootstrap gui/"],
  ["win32", "task scheduler", "schtasks /Create /TN ccproxy /XML"],
] as const)("on %s it is %s", async (platform, manager, command) => {
  cli.io.platform = platform;
  const { out } = await cli.run("service", "install", "--dry-run");
  expect(out).toContain(command);
  expect(await cli.json("service", "install", "--dry-run")).toMatchObject({ manager, installed: false });
  cli.io.platform = "aix";
  expect(await cli.run("service", "install")).toMatchObject({ code: 1 });
});
