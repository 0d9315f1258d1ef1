import { sequenceCalls } from "./sequence-calls.ts";
import type { Citation, MediaPart, Native, Protocol, Signature, StreamEvent } from "./unified.ts";

/** A block while it grows, and whole when it stops: `text`, `args` and `signature` hold all that came so far. */
export type Block =
  /** `cited`: known from its start to have citations. */
  | { kind: "text"; index: number; text: string; citations?: Citation[]; cited?: true }
  | { kind: "thinking"; index: number; text: string; signature?: Signature; redacted?: boolean }
  | {
      kind: "tool-call";
      index: number;
      id: string;
      name: string;
      args: string;
      signature?: Signature;
      native?: Native;
    }
  | { kind: "media"; index: number; media: MediaPart }
  | { kind: "refusal"; index: number; text: string };

type TextBlock = Extract<Block, { kind: "text" }>;

export type BlockEvent =
  | { type: "block-start"; block: Block }
  /** `delta` is new text, or a new piece of the arguments. */
  | { type: "block-delta"; block: Block; delta: string }
  | { type: "block-citation"; block: TextBlock; citation: Citation }
  | { type: "block-stop"; block: Block }
  | Extract<StreamEvent, { type: "start" | "logprobs" | "finish" | "error" }>;

/** A block of its own, whole, that only readers of its protocol understand. */
export interface NativeBlock {
  type: "block-native";
  index: number;
  native: Native;
}

export interface BlockStage<E = BlockEvent> {
  push: (events: StreamEvent[]) => E[];
  /** Takes an event that does nothing but grow the open block, which it returns; any other is left to `push`. */
  grow: (event: StreamEvent) => Block | undefined;
  end: () => E[];
}

export interface BlockOptions {
  /** Whose native events become blocks; all others are left out. With it, texts the provider told apart stay apart. */
  natives?: Protocol | "all";
  /** Nobody looks at texts as a whole: `text` stays empty, so that a long answer costs no memory. */
  textless?: boolean;
}

/**
 * Restores block boundaries for protocols that have them: exactly one block is open at a time, indexes count up from
 * 0, every block that starts stops before `finish`. Empty deltas open nothing. Tool calls come one after another.
 */
export function createBlocks(options?: Omit<BlockOptions, "natives">): BlockStage;
export function createBlocks(options: BlockOptions): BlockStage<BlockEvent | NativeBlock>;
export function createBlocks({ natives, textless = false }: BlockOptions = {}): BlockStage<
  BlockEvent | NativeBlock
> {
  type Out = (BlockEvent | NativeBlock)[];
  const calls = sequenceCalls();
  let open: Block | undefined;
  let count = 0;

  const stop = (out: Out): void => {
    if (open) out.push({ type: "block-stop", block: open });
    open = undefined;
  };
  const start = <B extends Block>(block: B, out: Out): B => {
    stop(out);
    open = block;
    count++;
    out.push({ type: "block-start", block });
    return block;
  };
  const grow = (kind: "text" | "thinking" | "refusal", text: string, out: Out): void => {
    if (text === "") return;
    const block = open?.kind === kind ? open : start({ kind, index: count, text: "" }, out);
    if (!textless) block.text += text;
    out.push({ type: "block-delta", block, delta: text });
  };
  const take = (event: StreamEvent, out: Out): void => {
    switch (event.type) {
      case "start":
      case "logprobs":
        out.push(event);
        return;
      case "text-delta":
        if (natives && event.apart && event.text !== "") {
          start(
            { kind: "text", index: count, text: "", ...(event.apart === "cited" && { cited: true }) },
            out,
          );
        }
        return grow("text", event.text, out);
      case "citation": {
        // A source named after other things stands in a text of its own.
        const block =
          open?.kind === "text" ? open : start<TextBlock>({ kind: "text", index: count, text: "" }, out);
        (block.citations ??= []).push(event.citation);
        out.push({ type: "block-citation", block, citation: event.citation });
        return;
      }
      case "thinking-delta":
        return grow("thinking", event.text, out);
      case "refusal-delta":
        return grow("refusal", event.text, out);
      case "thinking-signature": {
        const { signature, redacted } = event;
        if (open?.kind !== "thinking" || redacted) {
          start<Block>(
            { kind: "thinking", index: count, text: "", signature, ...(redacted && { redacted }) },
            out,
          );
        } else open.signature = signature;
        return stop(out);
      }
      case "tool-start": {
        const { id, name, signature, native } = event;
        const block = { kind: "tool-call", index: count, id: id ?? "", name, args: "", signature } as const;
        start<Block>(native ? { ...block, native } : { ...block }, out);
        return;
      }
      case "tool-delta": {
        if (open?.kind !== "tool-call" || event.json === "") return;
        open.args += event.json;
        out.push({ type: "block-delta", block: open, delta: event.json });
        return;
      }
      case "media": {
        start({ kind: "media", index: count, media: event.media }, out);
        return stop(out);
      }
      case "native": {
        const { native } = event;
        if (natives !== "all" && natives !== native.origin) return;
        stop(out);
        out.push({ type: "block-native", index: count++, native });
        return;
      }
      case "finish":
      case "error":
        // After an error nothing is closed: a client must not take half an answer for a whole one.
        if (event.type === "finish") stop(out);
        out.push(event);
        return;
      default:
        event satisfies never;
    }
  };
  /** As `take` does it. */
  const growOpen = (event: StreamEvent): Block | undefined => {
    if (event.type === "text-delta") {
      if (open?.kind !== "text" || (natives && event.apart)) return undefined;
    } else if (event.type !== "thinking-delta" || open?.kind !== "thinking") return undefined;
    if (event.text === "" || !calls.isIdle()) return undefined;
    if (!textless) open.text += event.text;
    return open;
  };
  const takeAll = (events: StreamEvent[]): Out => {
    const out: Out = [];
    for (const event of events) take(event, out);
    return out;
  };
  return {
    push: (events) => takeAll(calls.push(events)),
    grow: growOpen,
    end: () => takeAll(calls.end()),
  };
}
