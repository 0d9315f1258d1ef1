import type { RequestLogEntry } from "../request-log.ts";

/** Hands on what requests were, several at a time: one message for many costs the first process much less. */
export interface EntryBatch {
  add: (entry: RequestLogEntry) => void;
  flush: () => void;
}

export function createEntryBatch(send: (entries: RequestLogEntry[]) => void): EntryBatch {
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
      if (entries.length >= MOST) flush();
      else timer ??= setTimeout(flush, DELAY_MS);
    },
    flush,
  };
}

const MOST = 100;
/** What a worker that is killed may lose of the log and of usage. */
const DELAY_MS = 20;
