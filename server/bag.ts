/** What a bag holds knows its own place in it. */
export interface Held {
  /** -1: in no bag. */
  place: number;
}

export interface Bag<T extends Held> {
  /** One that is in it already stays. */
  add: (item: T) => void;
  /** One that is not in it may be taken out too. */
  remove: (item: T) => void;
  /** What is in it now. */
  all: () => T[];
}

/**
 * A set for what comes and goes with every request, in no order. With a `Set` in its place finished requests outlived
 * the small collections, which took four times as long: it leaves tables behind when it grows, and an old one keeps what
 * it held until the next big collection.
 */
export function createBag<T extends Held>(): Bag<T> {
  const items: T[] = [];
  return {
    add(item) {
      if (item.place === -1) item.place = items.push(item) - 1;
    },
    remove(item) {
      const { place } = item;
      if (place === -1) return;
      item.place = -1;
      const last = items.pop();
      if (last === undefined || last === item) return;
      last.place = place;
      items[place] = last;
    },
    all: () => [...items],
  };
}
