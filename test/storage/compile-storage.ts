import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

/** Makes plain JavaScript of storage/ below `dir`, for processes that cannot run TypeScript; returns the entry's URL. */
export function compileStorage(dir: string): string {
  const root = join(import.meta.dirname, "../..");
  const target = join(dir, "storage");
  mkdirSync(target, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"), "junction");
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const names = readdirSync(join(root, "storage"), { recursive: true, encoding: "utf8" });
  for (const name of names.filter((file) => file.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, "storage", name), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    const path = join(target, name.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  return pathToFileURL(join(target, "index.js")).href;
}
