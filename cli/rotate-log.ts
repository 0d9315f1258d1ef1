import { chmodSync, copyFileSync, existsSync, fstatSync, ftruncateSync, renameSync, statSync } from "node:fs";

export interface Rotation {
  /** Bytes. */
  largest: number;
  /** How many older logs are kept: `.1` is the newest. */
  keep: number;
}

/**
 * Keeps the log file small whose only writer this process is, through an open file: full, it is copied to `.1` and
 * begun again. All at once, so that no line is lost between. Call the function with the bytes of each line that was
 * written. Undefined: the open file is another one than the log.
 */
export function createLogRotation(
  path: string,
  file: number,
  { largest, keep }: Rotation = DEFAULT,
): ((bytes: number) => void) | undefined {
  let size = sizeOfLog(path, file);
  if (size === undefined) return undefined;
  return (bytes) => {
    if (size === undefined || (size += bytes) <= largest) return;
    try {
      // Counted in characters so far, and others may have cut it.
      size = sizeOfLog(path, file);
      if (size === undefined || size <= largest) return;
      for (let age = keep - 1; age > 0; age--) {
        if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
      }
      copyFileSync(path, `${path}.1`);
      chmodSync(`${path}.1`, 0o600);
      ftruncateSync(file, 0);
      size = 0;
    } catch {
      // A full disk: what there is stays, and the next try comes with as much again.
      size = 0;
    }
  };
}

function sizeOfLog(path: string, file: number): number | undefined {
  try {
    const [open, named] = [fstatSync(file), statSync(path)];
    return open.isFile() && open.ino === named.ino && open.dev === named.dev ? open.size : undefined;
  } catch {
    return undefined;
  }
}

const DEFAULT: Rotation = { largest: 10 * 1024 * 1024, keep: 3 };
