import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Makes plain JavaScript of storage/ below `dir`, for processes that cannot run TypeScript; returns the entry's URL. */
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
  const entry = join(root, "storage/index.ts");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--ignoreConfig", ...flags, ...kind, ...places, entry]);
  return pathToFileURL(join(dir, "storage/index.js")).href;
}
