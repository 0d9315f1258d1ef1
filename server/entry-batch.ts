import type { RequestLogEntry } from "./request-log.ts";

export interface EntryBatch {
  add: (entry: RequestLogEntry) => void;
  /** Hands on what is there. Called before anybody looks at what comes of it, and at the end. */
  flush: () => void;
}

/**
 * Hands on entries of the request log several at a time: a worker's message for many costs the first process much less,
 * and counting and writing many one after the other a third of what each costs between two requests.
 */
export function createEntryBatch(
  send: (entries: RequestLogEntry[]) => void,
  { delayMs = DELAY_MS, most = MOST }: { delayMs?: number; most?: number } = {},
): EntryBatch {
  let entries: RequestLogEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const full = entries;
    entries = [];
    if (full.length > 0) send(full);
  };
  return {
    add(entry) {
      entries.push(entry);
      if (entries.length >= most || delayMs === 0) flush();
      else timer ??= setTimeout(flush, delayMs);
    },
    flush,
  };
}

const MOST = 100;
/** What a daemon that is killed may lose of the log and of usage. */
const DELAY_MS = 20;
