import type { StreamEvent } from "../adapters/unified.ts";

/** Something that holds text until more of it tells what it is, and lets it go when asked. */
export interface Impatient {
  waits: () => boolean;
  relent: () => StreamEvent[];
}

export interface Patience {
  /** To be called after every piece of an answer. */
  look: () => void;
  clear: () => void;
}

/** Milliseconds: how long a provider may pause, and how long it may take in all, while text is held back. */
const PAUSE = 300;
const LONGEST = 1000;

/** Lets held text go as soon as the provider pauses, so that holding it is never seen. */
export function createPatience(
  { waits, relent }: Partial<Impatient>,
  take: (events: StreamEvent[]) => unknown,
): Patience | undefined {
  if (!waits || !relent) return undefined;
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  let pieces = 0;

  const clear = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const ring = (seen: number): void => {
    // What arrived while this process was busy is looked at first.
    setImmediate(() => {
      if (timer === undefined || !waits()) return;
      if (pieces !== seen && performance.now() - since < LONGEST) return arm();
      clear();
      take(relent());
    });
  };
  const arm = (): void => {
    const seen = pieces;
    timer = setTimeout(() => ring(seen), PAUSE);
  };
  return {
    look() {
      pieces++;
      if (!waits()) return clear();
      if (timer !== undefined) return;
      since = performance.now();
      arm();
    },
    clear,
  };
}
