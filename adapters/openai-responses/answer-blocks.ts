import { createBlocks, type BlockEvent, type BlockStage, type NativeBlock } from "../blocks.ts";
import type { StreamEvent } from "../unified.ts";
import { BREAK, PROTOCOL } from "./wire.ts";

/**
 * The blocks of an answer, each of which becomes an item. Texts that a provider only tells apart (Claude, by what they
 * lean on) are one message; what sets a text apart from the one before an item of this protocol is left out.
 */
export function createAnswerBlocks(): Pick<BlockStage<BlockEvent | NativeBlock>, "push" | "end"> {
  const blocks = createBlocks({ natives: PROTOCOL });
  let afterItem = false;

  const prepare = (event: StreamEvent): StreamEvent => {
    if (event.type === "native") afterItem ||= event.native.origin === PROTOCOL;
    if (event.type !== "text-delta") return event;
    const text = afterItem && event.text.startsWith(BREAK) ? event.text.slice(BREAK.length) : event.text;
    if (event.text !== "") afterItem = false;
    return { type: "text-delta", text };
  };
  return { push: (events) => blocks.push(events.map(prepare)), end: () => blocks.end() };
}
