/**
 * Does this at the end of the event loop's turn, together with whatever else waits for it: what all requests of a turn
 * send. A write to one who has nothing to do wakes that one, which can cost more than the write itself; of many made
 * one after the other, most find the other side awake. Where nothing else goes on, the end of the turn is at once.
 */
export function atTurnEnd(work: () => void): void {
  if (waiting.length === 0) setImmediate(run);
  waiting.push(work);
}

function run(): void {
  const works = waiting;
  waiting = [];
  for (const work of works) work();
}

let waiting: (() => void)[] = [];
