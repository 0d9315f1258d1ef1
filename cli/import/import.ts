import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { withoutDefaults } from "../../storage/config-defaults.ts";
import type { Config } from "../../storage/types.ts";
import { command, type Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { withStorage } from "../home.ts";
import { maskConfig } from "../mask-config.ts";
import { print, toTable } from "../print.ts";
import { list, oneOf, record, text, yesNo } from "../shape.ts";
import { suggest } from "../../storage/suggest.ts";
import { fromCcr } from "./from-ccr.ts";
import { fromEnv } from "./from-env.ts";
import { fromGo } from "./from-go.ts";
import { fromLitellm } from "./from-litellm.ts";
import type { Imported } from "./imported.ts";
import { mergeImported } from "./merge.ts";
import { FORMATS, readSource, type Format } from "./read-source.ts";
import { createSource, type Note, type Source } from "./source.ts";

export default command({
  args: {
    what: {
      type: "positional",
      required: true,
      description: `What it is of (${FORMATS.join(", ")}), or the file itself: what it is is seen from what is in it.`,
    },
    file: { type: "positional", required: false, description: "The file; - for standard input." },
    group: {
      type: "string",
      valueHint: "name",
      default: "default",
      description: "The group its aliases and rules go to; default: default.",
    },
    "dry-run": { type: "boolean", description: "Show what would become of it, and change nothing." },
  },
  examples: [
    "ccproxy import ~/.claude-code-router/config.json --dry-run",
    "ccproxy import litellm ./config.yaml --group team --yes",
    "ccproxy import env .env --json --dry-run",
  ],
  output: record({
    format: oneOf(...FORMATS),
    written: yesNo,
    notes: list(record({ path: text, fate: oneOf("mapped", "attention", "unmapped"), text })),
    diff: text,
  }),
  async run(args, invocation) {
    const { io } = invocation;
    const { format: named, file } = toFile(args.what, args.file);
    const given = file === "-" ? await io.readStdin() : await readFile(resolve(file), "utf8");
    const { format, root } = await readSource(given, { file, ...(named && { format: named }) });
    const source = createSource(root);
    const imported = read(format, source, io.env);
    await withStorage(args, invocation, async ({ config }) => {
      const { notes, diff } = await preview(config.current, imported, args.group);
      const all = [...source.notes(), ...notes];
      report(format, all, diff, { args, invocation });
      const isWritten = !args["dry-run"] && diff !== "";
      if (isWritten) {
        await invocation.confirm(`Write this to ${config.file}?`);
        await config.update((draft) => void mergeImported(draft, structuredClone(imported), args.group));
      }
      print(args, invocation, { format, written: isWritten, notes: all, diff }, []);
      io.stderr(
        isWritten
          ? `imported into ${config.file}\n`
          : diff === ""
            ? "nothing is new\n"
            : "nothing was written\n",
      );
    });
  },
});

function toFile(what: string, file: string | undefined): { format?: Format; file: string } {
  const format = FORMATS.find((name) => name === what.toLowerCase());
  if (format && file !== undefined) return { format, file };
  if (format) throw new CliError("missing-argument", "<file> is missing", `ccproxy import ${format} <file>`);
  if (file === undefined) return { file: what };
  const meant = suggest(what, FORMATS);
  throw new CliError(
    "bad-value",
    `there is no format "${what}"`,
    meant === undefined ? `one of ${FORMATS.join(", ")}` : `did you mean "${meant}"?`,
  );
}

function read(format: Format, source: Source, env: Record<string, string | undefined>): Imported {
  switch (format) {
    case "ccr":
      return fromCcr(source);
    case "litellm":
      return fromLitellm(source);
    case "go":
      return fromGo(source);
    case "env":
      return fromEnv(source, env);
    default:
      return format satisfies never;
  }
}

/** What the file would say, as it may be shown. */
async function preview(
  current: Config,
  imported: Imported,
  group: string,
): Promise<{ notes: Note[]; diff: string }> {
  const { writeDiff } = await import("../write-diff.ts");
  const draft = structuredClone(current);
  const notes = mergeImported(draft, structuredClone(imported), group);
  const toText = (config: Config): string =>
    `${JSON.stringify(maskConfig(withoutDefaults(config, {})), undefined, 2)}\n`;
  return {
    notes,
    diff: writeDiff(
      { name: "config.json", text: toText(current) },
      { name: "config.json", text: toText(draft) },
    ),
  };
}

/** For a person, before anything is asked; what is data goes to stdout. */
function report(
  format: Format,
  notes: Note[],
  diff: string,
  { args, invocation }: { args: { json?: boolean }; invocation: Invocation },
): void {
  if (args.json) return;
  const { io } = invocation;
  const rows = [...notes].sort((a, b) => ORDER.indexOf(a.fate) - ORDER.indexOf(b.fate));
  const count = (fate: Note["fate"]): number => notes.filter((note) => note.fate === fate).length;
  io.stdout(
    `${toTable(
      ["FIELD", "", ""],
      rows.map(({ path, fate, text }) => [path, WORDS[fate], text]),
    )
      .slice(1)
      .join("\n")}\n`,
  );
  if (diff !== "") io.stdout(`\n${diff}`);
  io.stderr(
    `${format}: ${count("mapped")} mapped, ${count("unmapped")} unmapped, ${count("attention")} to be looked at\n`,
  );
}

const ORDER: Note["fate"][] = ["mapped", "unmapped", "attention"];
const WORDS: Record<Note["fate"], string> = { mapped: "mapped", unmapped: "unmapped", attention: "LOOK" };
