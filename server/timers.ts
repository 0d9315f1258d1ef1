import { GatewayError } from "../adapters/errors.ts";
import type { Timeouts } from "../storage/types.ts";
import { alarms as processAlarms, type Alarms } from "./alarms.ts";

export interface Timers {
  start: () => void;
  gotData: () => void;
  /** The client is slow, not the provider: it has two minutes to take what there is. */
  hold: () => void;
  /** The answer is complete; only the end of the connection is still missing. */
  end: () => void;
  clear: () => void;
}

/** First data, idle and total limits of one exchange, in one alarm that is moved along. */
export function createTimers(
  timeouts: Timeouts | undefined,
  onTimeout: (error: GatewayError) => void,
  alarms: Alarms = processAlarms,
): Timers {
  const { firstEvent, idle, total } = timeouts ? { ...DEFAULT_TIMEOUTS, ...timeouts } : DEFAULTS;
  let end = Number.POSITIVE_INFINITY;
  let waitingFor: "firstEvent" | "idle" | "client" = "firstEvent";

  const alarm = {
    due: 0,
    place: -1,
    ring(): void {
      const what = performance.now() >= end ? "total" : waitingFor;
      if (what === "client") {
        const message = `the client read nothing for ${seconds(CLIENT_MS)}`;
        return onTimeout(new GatewayError("cancelled", message, { code: "client_timeout" }));
      }
      const ms = { firstEvent, idle, total }[what] ?? 0;
      onTimeout(new GatewayError("timeout", SENTENCES[what](ms), { code: `${what}_timeout` }));
    },
  };
  const within = (ms: number): void => alarms.set(alarm, Math.min(performance.now() + ms, end));
  return {
    start() {
      if (total !== undefined) end = performance.now() + total;
      within(firstEvent);
    },
    gotData() {
      waitingFor = "idle";
      within(idle);
    },
    hold() {
      waitingFor = "client";
      within(CLIENT_MS);
    },
    end: () => within(Math.min(ENDING_MS, idle)),
    clear: () => alarms.clear(alarm),
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

/** Milliseconds. A local model may think for minutes before its first word. */
export const DEFAULT_TIMEOUTS = {
  firstEvent: 600_000,
  idle: 300_000,
} satisfies Timeouts;

const DEFAULTS: typeof DEFAULT_TIMEOUTS & Timeouts = DEFAULT_TIMEOUTS;
