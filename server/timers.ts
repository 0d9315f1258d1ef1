import { GatewayError } from "../adapters/errors.ts";
import type { Timeouts } from "../storage/types.ts";

export interface Timers {
  start: () => void;
  gotData: () => void;
  /** The client is slow, not the provider: it has two minutes to take what there is. */
  hold: () => void;
  /** The answer is complete; only the end of the connection is still missing. */
  end: () => void;
  clear: () => void;
}

/** First data, idle and total limits of one exchange, with one timer that looks at the clock when it rings. */
export function createTimers(
  timeouts: Timeouts | undefined,
  onTimeout: (error: GatewayError) => void,
): Timers {
  const limits = { ...DEFAULT_TIMEOUTS, ...timeouts };
  let timer: NodeJS.Timeout | undefined;
  let end = Number.POSITIVE_INFINITY;
  let deadline = Number.POSITIVE_INFINITY;
  let waitingFor: "firstEvent" | "idle" | "client" = "firstEvent";

  const ring = (): void => {
    const now = performance.now();
    const next = Math.min(deadline, end);
    if (now < next) return arm(next - now);
    const what = end <= deadline ? "total" : waitingFor;
    if (what === "client") {
      const message = `the client read nothing for ${seconds(CLIENT_MS)}`;
      return onTimeout(new GatewayError("cancelled", message, { code: "client_timeout" }));
    }
    onTimeout(new GatewayError("timeout", SENTENCES[what](limits[what] ?? 0), { code: `${what}_timeout` }));
  };
  const arm = (ms: number): void => {
    timer = setTimeout(ring, Math.min(ms, limits.idle, LONGEST));
  };
  return {
    start() {
      const now = performance.now();
      deadline = now + limits.firstEvent;
      if (limits.total !== undefined) end = now + limits.total;
      arm(Math.min(deadline, end) - now);
    },
    gotData() {
      waitingFor = "idle";
      deadline = performance.now() + limits.idle;
    },
    hold() {
      waitingFor = "client";
      deadline = performance.now() + CLIENT_MS;
    },
    end() {
      clearTimeout(timer);
      deadline = performance.now() + Math.min(ENDING_MS, limits.idle);
      arm(Math.min(deadline, end) - performance.now());
    },
    clear: () => clearTimeout(timer),
  };
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const SENTENCES = {
  firstEvent: (ms: number) => `the provider gave no answer within ${seconds(ms)} (timeouts.firstEvent)`,
  idle: (ms: number) => `the provider's answer stood still for ${seconds(ms)} (timeouts.idle)`,
  total: (ms: number) => `the provider's answer took longer than ${seconds(ms)} (timeouts.total)`,
};

const CLIENT_MS = 120_000;
/** How long a connection is waited for that has nothing more to say, so that it can be used again. */
const ENDING_MS = 500;
const LONGEST = 2 ** 30;

/** Milliseconds. A local model may think for minutes before its first word. */
export const DEFAULT_TIMEOUTS = {
  firstEvent: 600_000,
  idle: 300_000,
} satisfies Timeouts;
