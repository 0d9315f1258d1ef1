import { defineConfig } from "tsdown";

// One program with everything in it: nothing has to be resolved from node_modules at start, and what is imported
// lazily stays a chunk of its own that is read when it is needed.
export default defineConfig({
  entry: { cli: "cli/index.ts" },
  outDir: "dist",
  format: "esm",
  platform: "node",
  target: "node20.19",
  fixedExtension: false,
  dts: false,
  hash: false,
  logLevel: "warn",
  // listhen brings a certificate maker, a tunnel and a file watcher: loaded from node_modules when asked for.
  deps: { alwaysBundle: [/^(?!listhen$)/], neverBundle: ["listhen"] },
});
