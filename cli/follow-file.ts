import { open, stat } from "node:fs/promises";

/** Where reading has come to in a file that grows and is begun again from time to time. */
export interface Follower {
  /** The whole lines written since the last call. */
  read: () => Promise<string[]>;
}

/**
 * Follows a log from `position` on, across its rotation: what was still unread of the full one is in `.1` by then. A
 * file that is not there is one that nothing was written to.
 */
export async function followFile(path: string, position: number): Promise<Follower> {
  const older = `${path}.1`;
  let at = position;
  let rest = Buffer.alloc(0);
  let current = await identify(path);
  let rotated = await identify(older);

  return {
    async read() {
      const [now, before] = [await identify(path), await identify(older)];
      const isRotated = before.id !== rotated.id && before.size >= at;
      if (isRotated || now.id !== current.id || now.size < at) {
        if (isRotated) rest = Buffer.concat([rest, await readFrom(older, at)]);
        at = 0;
      }
      [current, rotated] = [now, before];
      const fresh = await readFrom(path, at);
      at += fresh.length;
      const all = Buffer.concat([rest, fresh]);
      const end = all.lastIndexOf(LF) + 1;
      rest = all.subarray(end);
      return end === 0 ? [] : all.toString("utf8", 0, end - 1).split("\n");
    },
  };
}

async function identify(path: string): Promise<{ id: string; size: number }> {
  try {
    const { ino, dev, size } = await stat(path);
    return { id: `${dev}:${ino}`, size };
  } catch {
    return { id: "", size: 0 };
  }
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.max(0, size - position);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const LF = 10;
