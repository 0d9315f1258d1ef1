import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export interface KeySources {
  env: Record<string, string | undefined>;
  /** The folder that relative paths start from. */
  dir: string;
}

/**
 * A provider key's value: `env:NAME` from the environment, `file:PATH` from a file's first line (`~/` is the home
 * folder), anything else is the key itself. undefined when there is none.
 */
export function resolveKey(key: string, { env, dir }: KeySources): string | undefined {
  if (key.startsWith("env:")) return env[key.slice(4)]?.trim() || undefined;
  if (!key.startsWith("file:")) return key || undefined;
  const path = key.slice(5);
  const full = path.startsWith("~/") ? join(env["HOME"] ?? homedir(), path.slice(2)) : resolve(dir, path);
  try {
    return readFileSync(full, "utf8").trim().split(/\r?\n/, 1)[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
