/**
 * How much asking again a provider has to bear: a share of the requests it gets anyway, and a few more so that a quiet
 * daemon may try again at all. Keeps a provider that is down from being asked many times as often.
 */
export interface RetryBudget {
  /** A request is about to be sent to the provider. */
  asked: (provider: string) => void;
  /** Whether it may be asked once more; counts as done when true. */
  mayRetry: (provider: string) => boolean;
}

/** `now`: milliseconds of a clock that only runs forward. */
export function createRetryBudget(now: () => number): RetryBudget {
  const windows = new Map<string, { since: number; asked: number; retried: number }>();
  const windowOf = (provider: string) => {
    let window = windows.get(provider);
    if (!window || now() - window.since >= WINDOW_MS) {
      window = { since: now(), asked: 0, retried: 0 };
      windows.set(provider, window);
    }
    return window;
  };
  return {
    asked(provider) {
      windowOf(provider).asked++;
    },
    mayRetry(provider) {
      const window = windowOf(provider);
      if (window.retried >= LEAST + (window.asked - window.retried) * SHARE) return false;
      window.retried++;
      return true;
    },
  };
}

const WINDOW_MS = 10_000;
const SHARE = 0.2;
const LEAST = 3;
