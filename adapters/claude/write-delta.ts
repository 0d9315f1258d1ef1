import type { Block } from "../blocks.ts";
import { escapeText } from "../escape-text.ts";

/** The event by which a block grows. */
export function writeDelta({ kind, index }: Block, delta: string): string {
  return kind === "media" ? "" : toHead(index, kind) + escapeText(delta) + TAIL;
}

/** The events by which blocks grow, when many follow each other. */
export interface DeltaRun {
  /** Ends one event and begins another, up to the end of its text. */
  add: (block: Block, text: string) => string;
  /** The end of the last, where it is missing. */
  close: () => string;
}

/** As `writeDelta` writes them; what stands between two texts of a block is put together once. */
export function createDeltaRun(): DeltaRun {
  let block: Block | undefined;
  let head = "";
  let seam = "";
  let isOpen = false;
  return {
    add(grown, text) {
      if (grown !== block && grown.kind !== "media") {
        block = grown;
        head = toHead(grown.index, grown.kind);
        seam = [TAIL, head].join("");
      }
      const before = isOpen ? seam : head;
      isOpen = true;
      return before + escapeText(text);
    },
    close() {
      const end = isOpen ? TAIL : "";
      isOpen = false;
      return end;
    },
  };
}

/** In one piece, which is not put together again wherever it is written. */
const toHead = (index: number, kind: keyof typeof NAMES): string =>
  [
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":',
    index,
    `,"delta":{"type":${NAMES[kind]}:"`,
  ].join("");

const TAIL = '"}}\n\n';
const NAMES = {
  text: '"text_delta","text"',
  refusal: '"text_delta","text"',
  thinking: '"thinking_delta","thinking"',
  "tool-call": '"input_json_delta","partial_json"',
};
