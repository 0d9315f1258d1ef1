import { readFileSync, readlinkSync, realpathSync, statSync, type Stats } from "node:fs";
import { chmod, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { protectFile } from "./protect-file.ts";
import { sweepTemporaries, toTemporary } from "./sweep-temporaries.ts";

export interface FileContent {
  /** null: there is no such file. */
  text: string | null;
  /** Changes whenever the file does; "" for no file. */
  stamp: string;
}

/**
 * A small text file that is whole at every moment: lowdb's own file adapter loses the mode, the symlink and, with
 * two writers, the content. Files get mode 0600 unless another one is given, folders made on the way 0700.
 */
export interface SafeFile {
  readonly path: string;
  read: () => Promise<FileContent>;
  stamp: () => Promise<string>;
  /** Replaces the content. false: the file is no longer at `expected`, nothing was written. */
  write: (content: string | Uint8Array, expected?: string) => Promise<boolean>;
  /** Narrows a mode that lets others in. Throws `ConfigRefused` when the file can be changed by others all the same. */
  protect: () => void;
  /** Removes temporary files that a killed writer left, older than a minute at `now`. */
  sweep: (now: number) => void;
}

export function createSafeFile(path: string, mode = 0o600): SafeFile {
  const stamp = async (): Promise<string> => toStamp(await stat(path).catch(orNothing));
  return {
    path,
    stamp,
    // At once, for what is small and for a start that waits for it: each step in turn would wait for another thread.
    async read() {
      // Stamp before and after: text and stamp then belong together.
      for (let attempt = 0; ; attempt++) {
        const before = stampNow(path);
        const text = readText(path);
        const after = stampNow(path);
        // While someone writes without end: the older stamp, so that a change made on this text is refused.
        if (before === after || attempt === 5) return { text, stamp: text === null ? "" : before || after };
      }
    },
    async write(content, expected) {
      const target = followLink(path);
      await makeFolder(dirname(target));
      const temporary = toTemporary(target);
      try {
        await writeThrough(temporary, content, mode);
        if (expected !== undefined && (await stamp()) !== expected) {
          await unlink(temporary);
          return false;
        }
        await renameInsisting(temporary, target);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
      await syncFolder(dirname(target));
      return true;
    },
    protect: () => protectFile(path),
    sweep(now) {
      const target = followLink(path);
      sweepTemporaries(dirname(target), now, target);
    },
  };
}

/** Makes a folder that only its owner may enter; one that exists stays as it is. */
export async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  // A umask may only take bits away, so nothing wider than 0700 comes out; narrower would lock us out.
  if (made !== undefined && process.platform !== "win32") await chmod(path, 0o700);
}

function followLink(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    orNothing(error);
  }
  // A link to a file that is yet to be made is a link all the same.
  const link = readLink(path);
  return link === undefined ? resolve(path) : followLink(resolve(dirname(path), link));
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return orNothing(error) ?? null;
  }
}

async function writeThrough(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    if (process.platform !== "win32") await file.chmod(mode);
    await file.writeFile(content, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
}

/** On Windows a virus scanner or an editor may hold the target for a moment. */
async function renameInsisting(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (process.platform !== "win32" || attempt === 10 || !["EPERM", "EBUSY", "EACCES"].includes(code))
        throw error;
      await new Promise((done) => setTimeout(done, 20 * (attempt + 1)));
    }
  }
}

/** The rename itself survives a power cut only once the folder is on disk; Windows cannot open folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems cannot sync a folder, which is no failure; that the disk failed is one.
    if (!UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await folder.close();
  }
}

function stampNow(path: string): string {
  try {
    return toStamp(statSync(path));
  } catch (error) {
    return toStamp(orNothing(error));
  }
}

/** Anything but "there is none" is told: a file that cannot be looked at is not one that is gone. */
function orNothing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

const toStamp = (found: Stats | undefined): string =>
  found === undefined ? "" : `${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`;

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

const UNSUPPORTED = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"];
