import { createBag, type Held } from "./bag.ts";

/** Something that is to happen at a time, unless it is put off or taken back before. */
export interface Alarm extends Held {
  /** By `performance.now()`. */
  due: number;
  ring: () => void;
}

export interface Alarms {
  /** Sets the alarm, or moves one that is set. */
  set: (alarm: Alarm, due: number) => void;
  clear: (alarm: Alarm) => void;
}

/**
 * Many alarms behind one timer of Node's. Nearly all of them are moved or taken back before they ring, which costs next
 * to nothing here. They do not keep the process alive.
 */
export function createAlarms(): Alarms {
  const alarms = createBag<Alarm>();
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Number.POSITIVE_INFINITY;

  const arm = (due: number): void => {
    clearTimeout(timer);
    armedFor = due;
    const ms = Math.min(Math.max(1, Math.ceil(due - performance.now())), LONGEST);
    timer = setTimeout(look, ms).unref();
  };
  const look = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const ringing: Alarm[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const alarm of alarms.all()) {
      if (alarm.due <= now) ringing.push(alarm);
      else next = Math.min(next, alarm.due);
    }
    for (const alarm of ringing) alarms.remove(alarm);
    if (next < armedFor) arm(next);
    for (const { ring } of ringing) ring();
  };
  return {
    set(alarm, due) {
      alarm.due = due;
      alarms.add(alarm);
      if (due < armedFor) arm(due);
    },
    clear: (alarm) => alarms.remove(alarm),
  };
}

/** Those of the process. */
export const alarms = createAlarms();

/** Milliseconds: Node's timers go no further. */
const LONGEST = 2 ** 30;
