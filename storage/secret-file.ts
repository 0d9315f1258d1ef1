import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { protectFile } from "./protect-file.ts";
import { toTemporary } from "./sweep-temporaries.ts";

/** The secret in a file; undefined when there is no such file. Throws when it is too short to be one. */
export function readSecretFile(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // An empty secret must lock the door, not open it.
  if (text.length < 32)
    throw new Error(`${path} holds no secret: expected at least 32 characters; remove it to get a new one`);
  protectFile(path);
  return text;
}

/** The secret in a file of mode 0600, made by `make` if there is none. Two processes at once get the same one. */
export function openSecretFile(path: string, make: () => string): string {
  const found = readSecretFile(path);
  if (found !== undefined) return found;
  makePrivateFolder(dirname(path));
  const temporary = toTemporary(path);
  writeOnce(temporary, make());
  try {
    publish(temporary, path);
  } finally {
    unlinkSync(temporary);
  }
  // What is hashed with it is on disk soon: it must not be younger than that.
  syncFolder(dirname(path));
  const secret = readSecretFile(path);
  if (secret === undefined) throw new Error(`${path} was removed just after it was made`);
  return secret;
}

function publish(temporary: string, path: string): void {
  try {
    // A link appears with its whole content, and only if nothing is there yet.
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    writeOnce(path, readFileSync(temporary, "utf8").trim(), { orKeep: true });
  }
}

function writeOnce(path: string, secret: string, { orKeep = false } = {}): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (orKeep && (error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  try {
    try {
      if (process.platform !== "win32") fchmodSync(file, 0o600);
      writeFileSync(file, `${secret}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    // Half a secret would lock the door for ever.
    unlinkSync(path);
    throw error;
  }
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } catch {
    // Some file systems cannot sync a folder; the secret itself is written.
  } finally {
    closeSync(folder);
  }
}

function makePrivateFolder(path: string): void {
  const made = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (made !== undefined && process.platform !== "win32") chmodSync(path, 0o700);
}
