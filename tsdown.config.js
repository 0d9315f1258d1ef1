import { defineConfig } from "tsdown";

const COMMAND =
  /cli\/(?:index|run|io|commands|invocation|exit-code|printable|command|check-args)\.ts|\/storage\/suggest\.ts|server\/version\.ts|package\.json|node_modules\/citty/;
const START =
  /cli\/(?:serve|home|address|daemon|to-value|rotate-log)\.ts|\/storage\/(?:index|config|safe-file|keys|protect-file|secret-file|checked-text)\.ts|server\/(?:serve|door|listen|guard|answer-health)\.ts/;
const SHARED =
  /\/storage\/(?:targets-of|json-position|mask-url|is-secret-name)\.ts|server\/usage\/ledger\.ts/;

/**
 * Imported as a module, a part of Node is first asked for each of its exports, and loads what some of those are made of:
 * the streams of `node:fs` alone take milliseconds of every start.
 */
const builtins = {
  name: "builtins",
  renderChunk: (code) =>
    code.replaceAll(IMPORT, (_line, first, names, id) => {
      const wanted = [first?.replace(/^\* as /, ""), names?.replaceAll(" as ", ": ")].filter(Boolean);
      return wanted.map((want) => `const ${want} = globalThis.process.getBuiltinModule("${id}");`).join("\n");
    }),
};

/** One letter beyond Latin 1 makes all of a file's text twice as long in memory, and is collected in the middle of a start. */
const latin1 = {
  name: "latin1",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) chunk.code &&= chunk.code.replaceAll(/[^\0-\xff]/g, toEscape);
  },
};
const toEscape = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** `import a, { b as c } from "node:d";`, in each of its forms. */
const IMPORT = /^import (?:([\w$]+|\* as [\w$]+)?(?:, )?(\{[^}]*\})? from )?"(node:[\w/]+)";$/gm;

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
  plugins: [builtins, latin1],
  // Its other build loads its parts by names that no bundler sees.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  // listhen brings a certificate maker, a tunnel and a file watcher: loaded from node_modules when asked for.
  // Commands that do not serve load the storage lazily; that serving has it in one file with the rest costs nothing.
  inputOptions: { checks: { ineffectiveDynamicImport: false } },
  // Each file is a round through the module loader: what every command needs is one, what a start needs another, what
  // answers requests two more. What small commands have in common with the last is kept out of it.
  outputOptions: {
    comments: { jsdoc: false },
    codeSplitting: {
      groups: [
        { name: "command", test: COMMAND, priority: 2 },
        { name: "start", test: START, priority: 1 },
        { name: "adapters", test: /adapters\/index\.ts/, priority: 1 },
        { name: "shared", test: SHARED, priority: 1 },
        { name: "core", test: /server\/core\.ts/ },
      ],
    },
  },
  deps: { alwaysBundle: [/^(?!listhen$)/], neverBundle: ["listhen"] },
});
