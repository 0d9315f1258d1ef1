import { createChannel, type Channel } from "../../../server/workers/channel.ts";

/** The two ends of a connection between two processes, in one: what is sent arrives copied, and later. */
export function createChannelPair(): [Channel, Channel] {
  const takers: ((message: unknown) => void)[] = [];
  const wire = (end: number) => ({
    send: (message: unknown) => {
      const copy = structuredClone(message);
      queueMicrotask(() => takers[1 - end]?.(copy));
    },
    onMessage: (take: (message: unknown) => void) => {
      takers[end] = take;
    },
  });
  return [createChannel(wire(0)), createChannel(wire(1))];
}
