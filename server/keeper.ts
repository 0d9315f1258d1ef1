/** Writes soon after something changed: many changes at once cost one writing, and nobody waits for it. */
export interface Keeper {
  touch: () => void;
  /** Writes what is still to be written. */
  flush: () => Promise<void>;
}

export function createKeeper(write: () => Promise<void>): Keeper {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const run = (): void => {
    timer = undefined;
    writing = writing.then(write).catch(() => undefined);
  };
  return {
    touch() {
      timer ??= setTimeout(run, DELAY_MS).unref();
    },
    flush() {
      if (timer) {
        clearTimeout(timer);
        run();
      }
      return writing;
    },
  };
}

/** What a daemon that is killed may lose, but for the time of one writing. */
const DELAY_MS = 500;
