import { sequenceCalls } from "./sequence-calls.ts";
import type { MediaPart, Signature, StreamEvent } from "./unified.ts";

/** A block while it grows, and whole when it stops: `text`, `args` and `signature` hold all that came so far. */
export type Block =
  | { kind: "text"; index: number; text: string }
  | { kind: "thinking"; index: number; text: string; signature?: Signature; redacted?: boolean }
  | { kind: "tool-call"; index: number; id: string; name: string; args: string; signature?: Signature }
  | { kind: "media"; index: number; media: MediaPart }
  | { kind: "refusal"; index: number; text: string };

export type BlockEvent =
  | { type: "block-start"; block: Block }
  /** `delta` is new text, or a new piece of the arguments. */
  | { type: "block-delta"; block: Block; delta: string }
  | { type: "block-stop"; block: Block }
  | Extract<StreamEvent, { type: "start" | "logprobs" | "finish" | "error" }>;

export interface BlockStage {
  push: (events: StreamEvent[]) => BlockEvent[];
  end: () => BlockEvent[];
}

/**
 * Restores block boundaries for protocols that have them: exactly one block is open at a time, indexes count up from
 * 0, every block that starts stops before `finish`. Empty deltas open nothing. Tool calls come one after another.
 */
export function createBlocks(): BlockStage {
  const calls = sequenceCalls();
  let open: Block | undefined;
  let count = 0;

  const stop = (out: BlockEvent[]): void => {
    if (open) out.push({ type: "block-stop", block: open });
    open = undefined;
  };
  const start = <B extends Block>(block: B, out: BlockEvent[]): B => {
    stop(out);
    open = block;
    count++;
    out.push({ type: "block-start", block });
    return block;
  };
  const grow = (kind: "text" | "thinking" | "refusal", text: string, out: BlockEvent[]): void => {
    if (text === "") return;
    const block = open?.kind === kind ? open : start({ kind, index: count, text: "" }, out);
    block.text += text;
    out.push({ type: "block-delta", block, delta: text });
  };
  const take = (event: StreamEvent, out: BlockEvent[]): void => {
    switch (event.type) {
      case "start":
      case "logprobs":
        out.push(event);
        return;
      case "text-delta":
        return grow("text", event.text, out);
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
        const { id, name, signature } = event;
        start({ kind: "tool-call", index: count, id: id ?? "", name, args: "", signature }, out);
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
  const takeAll = (events: StreamEvent[]): BlockEvent[] => {
    const out: BlockEvent[] = [];
    for (const event of events) take(event, out);
    return out;
  };
  return { push: (events) => takeAll(calls.push(events)), end: () => takeAll(calls.end()) };
}
