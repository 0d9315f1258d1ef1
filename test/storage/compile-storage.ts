import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Makes plain JavaScript of storage/, and of the usage that is written there, below `dir`, for processes that cannot
 * run TypeScript; returns the entry's URL.
 */
export function compileStorage(dir: string): string {
  const root = join(import.meta.dirname, "../..");
  mkdirSync(dir, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"), "junction");
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const flags = [
    "--noEmit",
    "false",
    "--noCheck",
    "--rewriteRelativeImportExtensions",
    "--allowImportingTsExtensions",
  ];
  const places = ["--rootDir", root, "--outDir", dir, "--types", "node"];
  const kind = [
    "--module",
    "ESNext",
    "--moduleResolution",
    "Bundler",
    "--target",
    "ES2022",
    "--verbatimModuleSyntax",
  ];
  const entries = ["storage/index.ts", "server/usage/ledger.ts"].map((name) => join(root, name));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--ignoreConfig", ...flags, ...kind, ...places, ...entries]);
  return pathToFileURL(join(dir, "storage/index.js")).href;
}
