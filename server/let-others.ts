import { setImmediate as nextTurn } from "node:timers/promises";

/** Whether each step through a body of so many characters takes long enough for others to notice. */
export const isLong = (text: string | Buffer): boolean => text.length > LONG;

/** Lets other requests have their turn, between two steps through something long: their streams must not stand still. */
export const letOthers = (): Promise<void> => nextTurn();

const LONG = 1024 * 1024;
