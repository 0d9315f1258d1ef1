import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * The house's import rules bite: every forbidden import, put where it is forbidden, is refused with the sentence of its
 * rule, and what each folder needs is let through. All in a copy of the rules in a folder of its own, linted once.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

/** File → what it imports (or, with a space in it, a line of code) → what the rule says. */
const FORBIDDEN: [file: string, line: string, says: string][] = [
  ["adapters/a.ts", "../server/a.ts", "adapters know nothing of the rest of the house"],
  ["adapters/a.ts", "../routing/a.ts", "adapters know nothing of the rest of the house"],
  ["adapters/a.ts", "../compat/index.ts", "adapters know nothing of the rest of the house"],
  ["adapters/a.ts", "../storage/types.ts", "adapters know nothing of the rest of the house"],
  ["adapters/a.ts", "../fixtures/a.ts", "adapters know nothing of the rest of the house"],
  ["adapters/a.ts", "node:fs", "adapters are pure: no I/O, clock or randomness"],
  ["adapters/a.ts", "node:fs/promises", "adapters are pure: no I/O, clock or randomness"],
  ["adapters/a.ts", "fs", "Prefer using the `node:` protocol"],
  ["adapters/a.ts", "undici", "adapters are pure data in, data out"],
  ["adapters/a.ts", "undici/lib/dispatcher/agent.js", "adapters are pure data in, data out"],
  ["adapters/a.ts", "./openai/index.ts", "only adapters/index.ts imports a protocol folder"],
  ["adapters/a.ts", "./protocol-to-come/index.ts", "only adapters/index.ts imports a protocol folder"],
  ["adapters/a.ts", "await fetch('x');", "adapters are pure"],
  ["adapters/a.ts", "setTimeout(work, 1);", "adapters are pure"],
  ["adapters/index.ts", "../server/a.ts", "adapters know nothing of the rest of the house"],
  ["adapters/index.ts", "./openai/parse-request.ts", "a protocol folder is entered through its index.ts"],
  ["adapters/index.ts", "node:fs", "the registry only lists protocols"],
  ["adapters/openai/a.ts", "../claude/index.ts", "a protocol knows no other protocol"],
  ["adapters/openai/a.ts", "../protocol-to-come/wire.ts", "a protocol knows no other protocol"],
  [
    "adapters/openai/a.ts",
    "../index.ts",
    "a protocol folder imports only the files at the root of adapters/",
  ],
  [
    "adapters/openai/a.ts",
    "../../server/a.ts",
    "a protocol folder imports only the files at the root of adapters/",
  ],
  [
    "adapters/openai/a.ts",
    "../../compat/index.ts",
    "a protocol folder imports only the files at the root of adapters/",
  ],
  [
    "adapters/openai/a.ts",
    "../../storage/types.ts",
    "a protocol folder imports only the files at the root of adapters/",
  ],
  ["adapters/openai/a.ts", "node:http", "adapters are pure: no I/O, clock or randomness"],
  ["adapters/openai/a.ts", "ajv", "adapters are pure data in, data out"],
  ["adapters/openai/a.ts", "await fetch('x');", "adapters are pure"],
  [
    "adapters/openai/deep/a.ts",
    "../../claude/index.ts",
    "a protocol folder imports only the files at the root of adapters/",
  ],
  ["compat/a.ts", "../server/a.ts", "compat sits between the unified format and the provider"],
  ["compat/a.ts", "../routing/a.ts", "compat sits between the unified format and the provider"],
  ["compat/a.ts", "../storage/types.ts", "compat sits between the unified format and the provider"],
  ["compat/tools/a.ts", "../../server/a.ts", "compat sits between the unified format and the provider"],
  ["compat/a.ts", "../adapters/openai/wire.ts", "compat never enters a protocol folder"],
  ["compat/tools/a.ts", "../../adapters/openai/wire.ts", "compat never enters a protocol folder"],
  ["compat/a.ts", "../adapters/index.ts", "compat never enters a protocol folder"],
  ["compat/a.ts", "node:fs/promises", "compat is pure"],
  ["compat/a.ts", "ofetch", "compat is pure"],
  ["compat/a.ts", "setTimeout(work, 1);", "compat is pure"],
  ["routing/a.ts", "../server/a.ts", "routing knows nothing of HTTP or compat"],
  ["routing/a.ts", "../compat/index.ts", "routing knows nothing of HTTP or compat"],
  ["routing/a.ts", "../adapters/fold.ts", "routing sees only the unified types and errors"],
  ["routing/a.ts", "../adapters/openai/index.ts", "routing sees only the unified types and errors"],
  ["routing/a.ts", "../storage/index.ts", "routing sees only what the configuration looks like"],
  ["routing/a.ts", "node:crypto", "routing is pure"],
  ["routing/a.ts", "h3", "routing is pure"],
  ["routing/a.ts", "setTimeout(work, 1);", "routing is pure"],
  ["storage/a.ts", "../adapters/errors.ts", "storage knows only what it stores"],
  ["storage/a.ts", "../server/a.ts", "storage knows only what it stores"],
  ["storage/a.ts", "../routing/glob.ts", "storage knows only what it stores"],
  ["storage/a.ts", "undici", "storage speaks no HTTP"],
  ["storage/a.ts", "node:http", "storage speaks no HTTP"],
  ["server/a.ts", "../cli/a.ts", "nothing imports the command line, tests or fixtures"],
  ["server/a.ts", "../test/support/a.ts", "nothing imports the command line, tests or fixtures"],
  ["server/a.ts", "../fixtures/a.ts", "nothing imports the command line, tests or fixtures"],
  ["server/a.ts", "../adapters/openai/index.ts", "server reaches protocols through adapters/index.ts"],
  ["server/a.ts", "../compat/scanner.ts", "compat is entered through its index.ts"],
  ["server/a.ts", "../compat/tools/prompt.ts", "compat is entered through its index.ts"],
  [
    "server/a.ts",
    "export const later = () => import('../compat/tools/prompt.ts');",
    "compat is entered through its index.ts",
  ],
  [
    "server/a.ts",
    "export type { A } from '../adapters/openai/wire.ts';",
    "server reaches protocols through adapters/index.ts",
  ],
  ["server/a.ts", "../storage/config.ts", "storage is entered through its index.ts"],
  ["server/a.ts", "lowdb/node", "only storage knows lowdb and unstorage"],
  ["server/a.ts", "console.log(work);", "Unexpected console statement."],
  ["cli/a.ts", "../adapters/errors.ts", "the command line calls server and storage"],
  ["cli/a.ts", "../routing/router.ts", "the command line calls server and storage"],
  ["cli/key/a.ts", "../../compat/index.ts", "the command line calls server and storage"],
  ["cli/a.ts", "undici", "the command line is thin"],
];

const ALLOWED: [file: string, line: string][] = [
  ["adapters/a.ts", "./errors.ts"],
  ["adapters/a.ts", "node:crypto"],
  ["adapters/index.ts", "./openai/index.ts"],
  ["adapters/openai/a.ts", "../fold.ts"],
  ["adapters/openai/a.ts", "./wire.ts"],
  ["adapters/openai/a.ts", "node:crypto"],
  ["compat/a.ts", "../adapters/unified.ts"],
  ["compat/tools/a.ts", "../../adapters/call-args.ts"],
  ["compat/tools/a.ts", "jsonrepair"],
  ["compat/a.ts", "ajv"],
  ["routing/a.ts", "../adapters/errors.ts"],
  ["routing/a.ts", "../storage/types.ts"],
  ["storage/a.ts", "lowdb"],
  ["storage/a.ts", "node:fs/promises"],
  ["server/a.ts", "../adapters/index.ts"],
  ["server/a.ts", "../adapters/fold.ts"],
  ["server/a.ts", "../compat/index.ts"],
  ["server/a.ts", "../storage/index.ts"],
  ["server/a.ts", "../storage/types.ts"],
  ["server/a.ts", "../routing/router.ts"],
  ["server/a.ts", "node:http"],
  ["server/a.ts", "await fetch('x');"],
  ["cli/a.ts", "../server/serve.ts"],
  ["cli/key/a.ts", "../../storage/index.ts"],
  ["cli/a.ts", "console.log(work);"],
  ["test/a.ts", "../adapters/openai/wire.ts"],
];

let folder: string;
/** What was said about each file. */
const said = new Map<string, string[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ccproxy-boundaries-"));
  await cp(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  const files = new Map<string, string>();
  for (const [index, [file, line]] of [...FORBIDDEN, ...ALLOWED].entries()) {
    const name = place(file, index);
    files.set(name, (files.get(name) ?? "") + toCode(line, index));
  }
  for (const [name, code] of files) await write(name, code);
  await write("adapters/circle-a.ts", 'import { b } from "./circle-b.ts";\nexport const a = () => b;\n');
  await write("adapters/circle-b.ts", 'import { a } from "./circle-a.ts";\nexport const b = () => a;\n');
  await write("adapters/circle-c.ts", 'import type { D } from "./circle-d.ts";\nexport type C = D[];\n');
  await write("adapters/circle-d.ts", 'import type { C } from "./circle-c.ts";\nexport type D = C[];\n');
  const output = await lint();
  expect(output.number_of_files).toBe(files.size + 4);
  for (const { filename, message, help = "" } of output.diagnostics) {
    said.set(filename, [...(said.get(filename) ?? []), `${message} ${help}`]);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("import rules", () => {
  it.each(FORBIDDEN.map(([file, line, says], index) => ({ file, line, says, index })))(
    "$file must not: $line",
    ({ file, line, says, index }) => {
      expect(about(file, line, index)).toContainEqual(expect.stringContaining(says));
    },
  );

  it.each(ALLOWED.map(([file, line], index) => ({ file, line, index: FORBIDDEN.length + index })))(
    "$file may: $line",
    ({ file, line, index }) => {
      expect(about(file, line, index)).toEqual([]);
    },
  );

  it("let no two files import each other, not even types", () => {
    expect(said.get("adapters/circle-a.ts")?.join()).toMatch(/cycle/i);
    expect(said.get("adapters/circle-c.ts")?.join()).toMatch(/cycle/i);
  });
});

/** A file of its own for every case, but for the one that is known by its name. */
const place = (file: string, index: number): string => file.replace(/\ba\.ts$/, `case-${index}.ts`);

/** What was said about a case. */
function about(file: string, line: string, index: number): string[] {
  const all = said.get(place(file, index)) ?? [];
  return place(file, index) === file ? all.filter((text) => text.includes(line)) : all;
}

function toCode(line: string, index: number): string {
  if (line.startsWith("export")) return `${line}\n`;
  const isCode = line.includes(" ") || line.includes("(");
  if (isCode) return `export const work = (): string => "done";\n${line}\n`;
  return `import { thing${index} } from "${line}";\nexport const use${index} = (): unknown => thing${index};\n`;
}

async function write(file: string, code: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), code);
}

interface LintOutput {
  diagnostics: { filename: string; message: string; help?: string }[];
  number_of_files: number;
}

function lint(): Promise<LintOutput> {
  const program = join(root, "node_modules/oxlint/bin/oxlint");
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 16 * 1024 * 1024 };
    // It ends with status 1, since it finds what it is meant to find.
    execFile(process.execPath, [program, "-f", "json", "."], options, (_error, stdout) => {
      resolve(JSON.parse(stdout) as LintOutput);
    });
  });
}
