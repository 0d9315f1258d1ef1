import type { ReadArgs } from "./arguments.ts";
import type { WaitsFor } from "../hold-pieces.ts";
import type { NameResolver } from "./names.ts";

/** A call as a dialect read it: nothing is checked yet. */
export interface ReadCall {
  name: string;
  args: ReadArgs;
  /** What had to be forgiven in its writing. */
  repairs?: string[];
}

/** What a text holds: calls; calls up to `end` and then something else; the beginning of a call; none. */
export type SpanReading = ReadCall[] | { calls: ReadCall[]; end: number } | "cut" | undefined;

export interface BlockResult {
  /** None, with `repairs`: markup that is left out. */
  calls: ReadCall[];
  /** Text after the block; it is scanned again. */
  rest: string;
  /** The text ended inside a call: what there is of it must not run. */
  truncated?: boolean;
  repairs?: string[];
}

/** "reject": no call after all. The opening marker is text, what follows it is scanned again. */
export type Verdict = BlockResult | "reject";

/** Reads from an opening marker on. The verdict depends on the text alone, never on how it was cut. */
export interface Block {
  push: (text: string) => Verdict | undefined;
  /** What it waits for. Default: little. */
  waitsFor?: () => WaitsFor;
  /** The answer has ended; `cut`: at the limit of its length, so that more would have followed. */
  end: (cut: boolean) => Verdict;
}

export interface BlockContext {
  names: NameResolver;
  schemaOf: (name: string) => unknown;
  /** Whether one of these tools, or any, has an argument of this name at any depth; true where a schema leaves it open. */
  isArgument: (key: string, of?: readonly string[]) => boolean;
  /** Nothing but blanks came before. */
  atStart: boolean;
  /** How the calls right before were written; "" where there are none. */
  before: string;
  /** Reads a whole text with the same dialects: calls only, or nothing. For calls wrapped in a fence. */
  readWhole: (text: string) => ReadCall[] | undefined;
}

export interface Opener {
  mark: string;
  /** A token of the model's vocabulary, or a marker that never occurs in prose: needs no look at what surrounds it. */
  special?: boolean;
  /**
   * Where it counts. "start": nothing but blanks before it; "line": nothing but blanks before it on its line; "behind":
   * nothing but blanks between it and a call.
   */
  where?: "start" | "line" | "behind";
  open: (context: BlockContext) => Block;
}

export interface Dialect {
  name: string;
  openers: readonly Opener[];
  /** Left-over markup that is dropped wherever it stands outside of fences: orphan closers, end-of-turn tokens. */
  drop?: readonly string[];
  /** Result openers and role markers: a model that writes one invents what follows. The answer ends before it. */
  stop?: readonly string[];
}
