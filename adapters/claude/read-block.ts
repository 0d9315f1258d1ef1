import type { NameMap } from "../tool-names.ts";
import type { StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { firstWord } from "./first-word.ts";
import { keepOwn, toCallFields } from "./own-fields.ts";
import { readCitation } from "./read-citation.ts";
import { PROTOCOL } from "./wire.ts";

/** One content block on its way: gives what it says as it comes, and at its end what only then is known. */
export interface BlockReader {
  isCall: boolean;
  grow: (delta: Json) => void;
  stop: () => void;
}

export interface BlockContext {
  names: NameMap;
  emit: (event: StreamEvent) => void;
  /** Number of this tool call among the calls of the answer. */
  nextCall: () => number;
  place: TextPlace;
}

/** Where in the answer's text we are. */
export interface TextPlace {
  /** Of the text told since something else was; undefined: what came last was no text. */
  length?: number;
  /** The block before stood on sources. */
  cited: boolean;
}

/** The reader of a block that begins. Blocks without a counterpart (server tools, uploads, types to come) stay whole. */
export function createBlockReader(block: Json, context: BlockContext): BlockReader {
  switch (block.type) {
    case "text":
      return readText(block, context);
    case "thinking":
      return readThinking(block, context);
    case "redacted_thinking": {
      const signature = { origin: PROTOCOL, value: firstWord(block.data) };
      if (typeof block.data === "string")
        context.emit({ type: "thinking-signature", signature, redacted: true });
      return { isCall: false, grow: (delta) => growText(delta, context), stop: () => undefined };
    }
    case "tool_use":
      return readCall(block, context);
    default:
      return readNative(block, context);
  }
}

/** Text and thoughts are what they are whatever block they come in: some imitators start none. */
export function growText(delta: Json, { emit }: Pick<BlockContext, "emit">): void {
  const { text, thinking } = delta;
  if (delta.type === "text_delta" && typeof text === "string" && text !== "")
    emit({ type: "text-delta", text });
  if (delta.type === "thinking_delta" && typeof thinking === "string" && thinking !== "") {
    emit({ type: "thinking-delta", text: thinking });
  }
}

/** Citations stand in front of the words they are about, which are all of their block: they wait for its end. */
function readText(block: Json, { emit, place }: BlockContext): BlockReader {
  const citations: unknown[] = Array.isArray(block.citations) ? [...block.citations] : [];
  const start = place.length ?? 0;
  const isCited = (): boolean => Array.isArray(block.citations) || citations.length > 0;
  let begun = false;
  const say = (text: unknown): void => {
    if (typeof text !== "string" || text === "") return;
    // Claude begins a text within a text only for what is cited.
    const apart = isCited() ? "cited" : place.cited ? "plain" : undefined;
    emit({ type: "text-delta", text, ...(!begun && apart && { apart }) });
    begun = true;
  };
  say(block.text);
  return {
    isCall: false,
    grow(delta) {
      if (delta.type === "text_delta") say(delta.text);
      else if (delta.type === "citations_delta") citations.push(delta.citation);
      else growText(delta, { emit });
    },
    stop() {
      place.cited = isCited();
      const range = { start, end: place.length ?? 0 };
      for (const value of citations) {
        for (const citation of readCitation(value, range)) emit({ type: "citation", citation });
      }
    },
  };
}

function readThinking(block: Json, { emit }: BlockContext): BlockReader {
  let signature = firstWord(block.signature);
  growText({ type: "thinking_delta", thinking: block.thinking }, { emit });
  return {
    isCall: false,
    grow(delta) {
      if (delta.type === "signature_delta") signature = firstWord(delta.signature, signature);
      else growText(delta, { emit });
    },
    stop() {
      if (signature === "") return;
      emit({ type: "thinking-signature", signature: { origin: PROTOCOL, value: signature } });
    },
  };
}

function readCall(block: Json, { emit, names, nextCall }: BlockContext): BlockReader {
  const index = nextCall();
  // Some bring the arguments whole with the block's start.
  const input = isObject(block.input) ? block.input : {};
  let hasJson = false;
  emit({
    type: "tool-start",
    index,
    ...(typeof block.id === "string" && block.id !== "" && { id: block.id }),
    name: names.fromWire(firstWord(block.name)),
    ...keepOwn(toCallFields(block)),
  });
  return {
    isCall: true,
    grow(delta) {
      const json = delta.partial_json;
      if (delta.type !== "input_json_delta") return growText(delta, { emit });
      if (typeof json !== "string" || json === "") return;
      if (json.trim() !== "") hasJson = true;
      emit({ type: "tool-delta", index, json });
    },
    stop() {
      if (!hasJson) emit({ type: "tool-delta", index, json: JSON.stringify(input) });
    },
  };
}

function readNative(block: Json, { emit }: BlockContext): BlockReader {
  const body: Json = { ...block };
  const json: string[] = [];
  return {
    isCall: false,
    grow(delta) {
      if (delta.type === "input_json_delta" && typeof delta.partial_json === "string")
        json.push(delta.partial_json);
      else if (delta.type === "compaction_delta") {
        const { type: _type, ...told } = delta;
        Object.assign(body, told);
      } else growText(delta, { emit });
    },
    stop() {
      const input = parseJson(json.join(""));
      if (isObject(input)) body.input = input;
      if (typeof body.type === "string") emit({ type: "native", native: { origin: PROTOCOL, body } });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
