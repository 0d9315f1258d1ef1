import type { Asks, Tells } from "./messages.ts";

/** One end of the connection between two processes: what is told or asked arrives in order, and once. */
export interface Channel {
  tell: <T extends keyof Tells>(topic: T, value: Tells[T]) => void;
  /** Rejects when the other end fails, or is gone. */
  ask: <T extends keyof Asks>(topic: T, value: Asks[T][0]) => Promise<Asks[T][1]>;
  onTell: <T extends keyof Tells>(topic: T, take: (value: Tells[T]) => void) => void;
  onAsk: <T extends keyof Asks>(
    topic: T,
    answer: (value: Asks[T][0]) => Asks[T][1] | Promise<Asks[T][1]>,
  ) => void;
  /** The other end is gone. */
  close: () => void;
}

/** What carries messages: a process's connection to its parent or child. */
export interface Wire {
  send: (message: unknown) => void;
  onMessage: (take: (message: unknown) => void) => void;
}

export function createChannel(wire: Wire): Channel {
  const tells = new Map<string, (value: unknown) => void>();
  const asks = new Map<string, (value: unknown) => unknown>();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let count = 0;
  let open = true;

  const send = (message: Message): void => {
    if (open) wire.send(message);
  };
  const answer = async (id: number, topic: string, value: unknown): Promise<void> => {
    try {
      send({ kind: "answer", id, value: await asks.get(topic)?.(value) });
    } catch (error) {
      send({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) });
    }
  };
  wire.onMessage((received) => {
    const message = received as Message;
    switch (message.kind) {
      case "tell":
        return tells.get(message.topic)?.(message.value);
      case "ask":
        return void answer(message.id, message.topic, message.value);
      case "answer":
        waiting.get(message.id)?.resolve(message.value);
        return void waiting.delete(message.id);
      case "failure":
        waiting.get(message.id)?.reject(new Error(message.message));
        return void waiting.delete(message.id);
      default:
        message satisfies never;
    }
  });
  return {
    tell: (topic, value) => send({ kind: "tell", topic, value }),
    ask: (topic, value) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(gone());
        const id = count++;
        // What the other end answers to a topic is what the topic says.
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        send({ kind: "ask", id, topic, value });
      }),
    onTell: (topic, take) => void tells.set(topic, take as (value: unknown) => void),
    onAsk: (topic, give) => void asks.set(topic, give as (value: unknown) => unknown),
    close() {
      open = false;
      for (const { reject } of waiting.values()) reject(gone());
      waiting.clear();
    },
  };
}

const gone = (): Error => new Error("the other process of the daemon is gone");

type Message =
  | { kind: "tell"; topic: string; value: unknown }
  | { kind: "ask"; id: number; topic: string; value: unknown }
  | { kind: "answer"; id: number; value: unknown }
  | { kind: "failure"; id: number; message: string };
