import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface BuiltCli {
  /** The program as it is published, to be run with node. */
  path: string;
  remove: () => void;
}

/** Builds the program from the sources as they are, beside no other build. Takes some seconds. */
export function buildCli(): BuiltCli {
  const root = join(import.meta.dirname, "../..");
  const dir = mkdtempSync(join(tmpdir(), "ccproxy-built-"));
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"), "junction");
  const tsdown = join(root, "node_modules", "tsdown", "dist", "run.mjs");
  execFileSync(process.execPath, [tsdown, "--out-dir", join(dir, "dist")], { cwd: root, stdio: "pipe" });
  return { path: join(dir, "dist", "cli.js"), remove: () => rmSync(dir, { recursive: true, force: true }) };
}
