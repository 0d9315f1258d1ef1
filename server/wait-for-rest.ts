import type { StopSignal } from "./stop-signal.ts";

/** Somebody whose changes end a wait. */
export interface Source {
  onChange: (listener: () => void) => () => void;
}

/** Waits `ms`, or less: until something changed about who may be asked, or the client went away. */
export function waitForRest(ms: number, sources: readonly Source[], signal: StopSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.ceil(ms));
    const stops = sources.map(({ onChange }) => onChange(done));
    signal.addEventListener("abort", done, { once: true });
  });
}
