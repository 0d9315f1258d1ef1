/** What those who work for a request listen to: an `AbortSignal` is one, and there are simpler ones. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener: (type: "abort", listener: () => void, options?: { once?: boolean }) => void;
  removeEventListener: (type: "abort", listener: () => void) => void;
}

export interface Stopper {
  signal: StopSignal;
  /** The first call counts. */
  abort: (reason?: unknown) => void;
}

/** Does for one request what an `AbortController` does, which alone costs as much as a route. */
export function createStopper(): Stopper {
  let listeners: (() => void)[] | undefined;
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener(_type: "abort", listener: () => void): void {
      (listeners ??= []).push(listener);
    },
    removeEventListener(_type: "abort", listener: () => void): void {
      const at = listeners?.indexOf(listener) ?? -1;
      if (at !== -1) listeners?.splice(at, 1);
    },
  };
  return {
    signal,
    abort(reason) {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason;
      const told = listeners ?? [];
      listeners = undefined;
      for (const listener of told) listener();
    },
  };
}

/** The same as what `fetch` and its like take. */
export function toAbortSignal(signal: StopSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return controller.signal;
}
