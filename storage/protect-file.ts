import { chmodSync, lstatSync, statSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { ConfigRefused } from "./config-refused.ts";

/**
 * Narrows a file's mode to its owner alone. Throws `ConfigRefused` when others may change the file all the same:
 * whoever writes it says where keys are sent.
 */
export function protectFile(path: string, us = process.getuid?.()): void {
  if (us === undefined) return;
  const found = look(path);
  if (!found) return;
  if (isStranger(found.uid, us)) throw refused(`${path} belongs to another user (uid ${found.uid})`);
  refuseForeignLink(path, us);
  if (found.mode & 0o077 && !narrow(path, 0o600) && found.mode & 0o022)
    throw refused(`${path} may be written by others (mode ${toText(found.mode)}); chmod 600 it`);
}

/** The same for the folder that everything lives in. */
export function protectFolder(path: string, us = process.getuid?.()): void {
  if (us === undefined) return;
  const found = look(path);
  if (!found?.isDirectory() || !(found.mode & 0o077)) return;
  if (isStranger(found.uid, us)) throw refused(`${path} belongs to another user (uid ${found.uid})`);
  // A folder that others share on purpose (/tmp), or live in, is not ours to close.
  const isShared = found.mode & 0o1000 || resolve(path) === resolve(homedir());
  if (found.uid === us && !isShared && narrow(path, 0o700)) return;
  if (found.mode & 0o022)
    throw refused(
      `others may write into ${path} (mode ${toText(found.mode)}); keep ccproxy's files elsewhere`,
    );
}

/** Root's files are as good as ours: a mounted secret is one. Root itself reads what it is pointed at. */
const isStranger = (uid: number, us: number): boolean => us !== 0 && uid !== us && uid !== 0;

/** In a folder that anyone may write to, anyone may make the link. */
function refuseForeignLink(path: string, us: number): void {
  const link = lstatSync(path);
  if (!link.isSymbolicLink() || link.uid === us || link.uid === 0) return;
  if (statSync(dirname(path)).mode & 0o002)
    throw refused(`${path} is a link that another user (uid ${link.uid}) made in a folder open to all`);
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function narrow(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

const toText = (mode: number): string => (mode & 0o7777).toString(8);

const refused = (message: string): ConfigRefused => new ConfigRefused(message, [{ message, pointer: "" }]);
