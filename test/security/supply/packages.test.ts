import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  license?: string;
  dev?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
  link?: boolean;
}
interface Manifest {
  files: string[];
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = readJson("package.json") as Manifest;
const { packages } = readJson("package-lock.json") as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== "");
const runtime = locked.filter(([, entry]) => !entry.dev);

/** Anyone may use, change and pass on what is under these. */
const LICENCES = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "(BSD-3-Clause OR GPL-2.0)",
]);

describe("S30: what is installed with ccproxy", () => {
  it("is at most 70 packages, under licences that let anyone use them", () => {
    expect(runtime.length).toBeGreaterThan(10);
    expect(runtime.length).toBeLessThanOrEqual(70);
    expect(runtime.filter(([, { license }]) => !LICENCES.has(license ?? "none"))).toEqual([]);
  });

  it("runs no program while it is installed", () => {
    expect(runtime.filter(([, entry]) => entry.hasInstallScript)).toEqual([]);
    for (const name of ["preinstall", "install", "postinstall", "prepublish"])
      expect(manifest.scripts).not.toHaveProperty(name);
  });

  it("is what the lock file says: checksums for all, no address of any server", () => {
    // What another package brings inside itself comes under that one's checksum.
    const unchecked = locked.filter(
      ([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith("sha512-"),
    );
    expect(unchecked.map(([path]) => path)).toEqual([]);
    expect(
      locked.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path),
    ).toEqual([]);
    expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toMatch(
      /https?:\/\/registry|git\+|file:/,
    );
  });

  it("has for every package it names a use, and names every one it uses", () => {
    const used = new Set<string>();
    for (const folder of ["adapters", "cli", "compat", "routing", "server", "storage"]) {
      for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
        if (!name.endsWith(".ts")) continue;
        const text = readFileSync(join(ROOT, folder, name), "utf8");
        for (const [, from = ""] of text.matchAll(/(?:from|import\()\s*"(@?[a-z][\w./@:-]*)"/g))
          used.add(from.startsWith("@") ? from.split("/").slice(0, 2).join("/") : (from.split("/")[0] ?? ""));
      }
    }
    const outside = [...used].filter((name) => !name.startsWith("node:") && !builtinModules.includes(name));
    expect(outside.sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });
});

describe.runIf(existsSync(join(ROOT, "dist/cli.js")))("S30: what is published", () => {
  it("is the program and its papers, and nothing else", () => {
    const listed = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: ROOT,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        shell: process.platform === "win32",
      }),
    ) as { files: { path: string; mode: number }[] }[];
    const files = listed[0]?.files.map(({ path }) => path) ?? [];
    const built = readdirSync(join(ROOT, "dist")).map((name) => `dist/${name}`);
    const expected = [...built, "config.schema.json", "CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    if (existsSync(join(ROOT, "SECURITY.md")) && manifest.files.includes("SECURITY.md"))
      expected.push("SECURITY.md");
    expect(files.sort()).toEqual(expected.sort());
    expect(files.filter((path) => path.startsWith("dist/") && !/^dist\/[\w.-]+\.js$/.test(path))).toEqual([]);
    for (const path of built) expect(readFileSync(join(ROOT, path), "utf8")).not.toContain(ROOT);
  });
});
