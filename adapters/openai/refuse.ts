/** Remembers the first thing that only a provider of this protocol can do: a sentence that begins with its place. */
export type Refuse = (reason: string) => void;
