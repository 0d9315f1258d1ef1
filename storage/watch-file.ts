import { realpathSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import type { SafeFile } from "./safe-file.ts";

/**
 * Calls `onChange` soon after the file was written, replaced, made or removed. The folder is watched, since editors
 * replace the file; and its stamp is looked at now and then, since network folders report nothing. Keeps no process
 * alive.
 */
export function watchFile(
  file: SafeFile,
  onChange: () => void,
  { pollMs = 1000, settleMs = 50 } = {},
): { close: () => void } {
  let last: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // A file that cannot be looked at for a moment is not one that changed.
    const stamp = await file.stamp().catch(() => last);
    if (stamp === undefined || stamp === last) return;
    const isFirst = last === undefined;
    last = stamp;
    if (!isFirst) onChange();
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    // An editor that empties the file before it writes is given the moment that takes.
    timer = setTimeout(() => void look(), settleMs).unref();
  };
  // The first look may see an edit made just before; asking for nothing new costs nothing.
  void look().then(onChange);
  const poll = setInterval(() => void look(), pollMs).unref();
  const paths = new Set([file.path, followLink(file.path)]);
  const watchers = [...paths].flatMap((path) => watchFolder(path, lookSoon));
  return {
    close() {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Events of other files in the folder, such as a log that never rests, do not count. */
function watchFolder(path: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onEvent();
    });
    // A folder that is removed, or a system out of watches: the timer still looks.
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

function followLink(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
