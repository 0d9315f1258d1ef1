import { Low } from "lowdb";
import { basename, dirname, join } from "node:path";
import type { CheckedText } from "./checked-text.ts";
import { withDefaults, withoutDefaults, type RawConfig } from "./config-defaults.ts";
import { createConfigAdapter, FileChanged, type ConfigText } from "./config-adapter.ts";
import { ConfigRefused } from "./config-refused.ts";
import { keepConfig } from "./config-history.ts";
import { withFileLock } from "./file-lock.ts";
import { keepCorrupt } from "./keep-corrupt.ts";
import type * as ReadModule from "./read-config.ts";
import type { ReadConfig } from "./read-config.ts";
import { createSafeFile } from "./safe-file.ts";
import type { Config, ConfigProblem, ConfigStore } from "./types.ts";
import { watchFile } from "./watch-file.ts";

export interface ConfigStoreOptions {
  file: string;
  /** Take over edits as they are saved; default true. */
  watch?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** What need not be checked again; default: everything is. */
  checked?: CheckedText;
}

export interface OpenedConfig extends ConfigStore {
  close: () => void;
}

/**
 * The configuration file. When it cannot be used at the start, the last good copy beside it serves and `problem` says
 * why; without such a copy this throws `ConfigRefused`, for defaults would forget who may call.
 */
export async function openConfig(options: ConfigStoreOptions): Promise<OpenedConfig> {
  const { file: path, watch = true, now = Date.now, checked } = options;
  const file = createSafeFile(path);
  const backup = createSafeFile(`${path}.bak`);
  const db = new Low<ConfigText>(createConfigAdapter(file), { text: "", stamp: "" });
  const listeners = new Set<Parameters<ConfigStore["onChange"]>[0]>();
  let current = withDefaults({});
  let problem: ConfigProblem | undefined;
  let warnings: readonly ConfigProblem[] = [];
  /** The text that `current` was made of; null while there has been no file. */
  let goodText: string | null = null;
  /** The text that was judged last. */
  let seenText: string | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const readFile = async (): Promise<string | null> => {
    db.data = { text: "", stamp: "" };
    await db.read();
    return db.data.stamp === "" ? null : db.data.text;
  };
  const accept = (text: string, read: ReadConfig & { config: Config }): void => {
    [current, problem, warnings, seenText, goodText] = [read.config, undefined, read.warnings, text, text];
  };
  /** A convenience: a folder that cannot be written to still serves its configuration. */
  const keepBackup = async (): Promise<void> => {
    const text = goodText;
    if (text !== null) await checked?.remember(text, warnings.length > 0 ? "fits" : "faultless");
    const before = (await backup.read().catch(() => undefined))?.text ?? null;
    if (text === null || before === text) return;
    if (before !== null) await keepConfig(path, before, now());
    await backup.write(text).catch(() => undefined);
  };
  const refuse = (text: string | null, problems: ConfigProblem[]): void => {
    seenText = text;
    problem = problems[0];
  };
  const notify = (): void => {
    for (const listener of listeners) listener(problem ? { config: current, problem } : { config: current });
  };
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const done = last.then(action, action);
    last = done.catch(() => undefined);
    return done;
  };
  /** Takes over the file as it is, if it is another one than last time. */
  const takeOver = async (): Promise<void> => {
    const text = await readFile();
    if (text === seenText) return;
    if (text === null) {
      refuse(null, [{ message: `${path} is gone; what it last said stays in force`, pointer: "" }]);
      return notify();
    }
    const read = await readConfig(text);
    if (isUsable(read)) accept(text, read);
    else refuse(text, read.problems);
    notify();
    await keepBackup();
  };
  const change = async (mutate: (draft: Config) => void): Promise<void> => {
    const found = await readFile();
    const { stamp } = db.data;
    // A file that vanished, or that a power cut emptied, holds no edit that could be lost.
    const isEmpty = found === null || found.replaceAll("\0", "").trim() === "";
    const text = isEmpty ? goodText : found;
    const before = text === null ? {} : await readUsable(path, text);
    const draft = withDefaults(before);
    mutate(draft);
    const raw = withoutDefaults(draft, before);
    if (!isEmpty && JSON.stringify(raw) === JSON.stringify(before)) return;
    const isNew = text === null;
    const written = toText(isNew ? { $schema: "./config.schema.json", ...raw } : raw, text);
    const read = await readConfig(written);
    if (!isUsable(read)) throw new ConfigRefused(toMessage(read.problems), read.problems);
    db.data = { text: written, stamp };
    await db.write();
    if (isNew) await writeSchema(path);
    accept(written, read);
    notify();
    await keepBackup();
  };

  file.protect();
  backup.protect();
  file.sweep(now());
  const text = await readFile();
  seenText = text;
  if (text !== null) {
    const read = checked?.is(text, "faultless")
      ? readFaultless(text)
      : await readConfig(text, { checked: checked?.is(text) });
    if (isUsable(read)) {
      accept(text, read);
      await keepBackup();
    } else {
      const kept = read.broken ? await keepCorrupt(path, now()) : undefined;
      const fallback = await readBackup(backup.path);
      if (!fallback) throw new ConfigRefused(`${path}: ${toMessage(read.problems)}`, read.problems);
      [current, warnings, goodText] = [fallback.config, fallback.warnings, fallback.text];
      const [first] = read.problems;
      const copies = `${basename(backup.path)} serves in its place${kept ? `; a copy of it is ${basename(kept)}` : ""}`;
      refuse(text, first ? [{ ...first, message: `${first.message} (${copies})` }] : []);
    }
  }
  const watcher = watch ? watchFile(file, () => inTurn(takeOver).catch(() => undefined)) : undefined;

  return {
    file: path,
    get current() {
      return current;
    },
    get problem() {
      return problem;
    },
    get warnings() {
      return warnings;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload: () => inTurn(takeOver),
    update: (mutate) =>
      inTurn(() =>
        withFileLock(`${path}.lock`, async () => {
          for (let attempt = 0; ; attempt++) {
            try {
              return await change(mutate);
            } catch (error) {
              // An editor saved between our reading and our writing: its text is the one to change.
              if (error instanceof FileChanged && attempt < 10) continue;
              // A disk that failed last of all has the new text: memory says what the file says.
              await takeOver().catch(() => undefined);
              throw error;
            }
          }
        }),
      ),
    close: () => watcher?.close(),
  };
}

/** What is wrong, in one line: the first problem, its line, and how many more there are. */
export function toMessage(problems: readonly ConfigProblem[]): string {
  const [first, ...others] = problems;
  if (!first) return "the configuration cannot be used";
  const line = first.line === undefined ? "" : ` (line ${first.line})`;
  const more = others.length === 0 ? "" : `; and ${others.length} more, see 'ccproxy config validate'`;
  return `${first.message}${line}${more}`;
}

const isUsable = (read: ReadConfig): read is ReadConfig & { config: Config } => read.config !== undefined;

/** Loaded when there is something to check: what a start finds has been checked before, but for the first time. */
const readConfig: typeof ReadModule.readConfig = async (text, options) =>
  (await import("./read-config.ts")).readConfig(text, options);

/** The same for a text in which nothing was found. */
const readFaultless = (text: string): ReadConfig => ({
  config: withDefaults(JSON.parse(text.replace(/^\uFEFF/, "")) as RawConfig),
  broken: false,
  problems: [],
  warnings: [],
});

/** The content a change starts from. A file that is wrong is not written over: its author's edit would be lost. */
async function readUsable(path: string, text: string): Promise<RawConfig> {
  const { raw, broken, problems } = await readConfig(text);
  // One that can be read but is refused may be mended by the very change that comes.
  if (raw && !broken && SECTIONS.every((name) => isSection(raw[name]))) return raw;
  throw new ConfigRefused(`${path} must be mended first: ${toMessage(problems)}`, problems);
}

async function readBackup(
  path: string,
): Promise<{ text: string; config: Config; warnings: ConfigProblem[] } | undefined> {
  const found = await createSafeFile(path)
    .read()
    .catch(() => undefined);
  if (!found || found.text === null) return undefined;
  const { config, warnings } = await readConfig(found.text);
  return config && { text: found.text, config, warnings };
}

async function writeSchema(path: string): Promise<void> {
  const { configSchema } = await import("./config.schema.ts");
  const schema = createSafeFile(join(dirname(path), "config.schema.json"));
  // Completion in editors is a convenience; the configuration is written already.
  await schema.write(`${JSON.stringify(configSchema, undefined, 2)}\n`).catch(() => undefined);
}

/** In the indentation the file has. */
function toText(raw: RawConfig, before: string | null): string {
  const indentation = /\n([ \t]+)"/.exec(before ?? "")?.[1] ?? "  ";
  return `${JSON.stringify(raw, undefined, indentation.slice(0, 10))}\n`;
}

const SECTIONS = ["server", "providers", "groups", "keys"];

const isSection = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value));
