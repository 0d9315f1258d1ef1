import type { NameMap } from "../tool-names.ts";
import type { StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toStreamError } from "./parse-error.ts";
import { createBlockReader, growText, type BlockReader, type TextPlace } from "./read-block.ts";
import { createMessageReader } from "./read-message.ts";

export interface EventReader {
  /** Reads one wire event; after `finish` or `error` nothing more is given. */
  take: (event: Json, out: StreamEvent[]) => void;
  /** An end without `message_stop`: an answer if a stop reason came; returns false if none did. */
  close: (out: StreamEvent[]) => boolean;
  done: () => boolean;
}

/** Claude's events → unified ones. Full answers go through it as well, so that both mean the same. */
export function createEventReader(names: NameMap): EventReader {
  const blocks = new Map<unknown, BlockReader>();
  const message = createMessageReader();
  let out: StreamEvent[] = [];
  let latest: unknown;
  let calls = 0;
  const place: TextPlace = { cited: false };
  let done = false;

  const emit = (event: StreamEvent): void => {
    if (event.type === "text-delta") place.length = (place.length ?? 0) + event.text.length;
    else if (!IN_TEXT.has(event.type)) Object.assign(place, { length: undefined, cited: false });
    out.push(event);
  };
  const stop = (index: unknown): void => {
    const block = blocks.get(index);
    blocks.delete(index);
    block?.stop();
  };
  const stopAll = (): void => {
    for (const index of blocks.keys()) stop(index);
  };
  const start = (index: unknown, block: Json): void => {
    // Some imitators never stop a block before they start the next. Calls may stay open side by side: they have indexes.
    for (const [other, open] of blocks) if (other === index || !open.isCall) stop(other);
    latest = index;
    const reader = createBlockReader(block, { names, emit, nextCall: () => calls++, place });
    blocks.set(index, reader);
  };
  const begin = (given: Json): void => {
    emit(message.begin(given));
    // A turn that code under way goes on with brings the calls of that code whole.
    const listed: unknown[] = Array.isArray(given.content) ? given.content : [];
    for (const block of listed) {
      if (!isObject(block)) continue;
      start(block, block);
      stop(block);
    }
    latest = undefined;
  };
  const grow = (index: unknown, delta: Json): void => {
    const block = blocks.get(index);
    if (block) block.grow(delta);
    else growText(delta, { emit });
  };
  const end = (event: Json): void => {
    message.end(event);
    const details = isObject(event.delta) ? event.delta.stop_details : undefined;
    const explanation = isObject(details) ? details.explanation : undefined;
    if (typeof explanation !== "string" || explanation === "") return;
    stopAll();
    emit({ type: "refusal-delta", text: explanation });
  };
  const finish = (): void => {
    stopAll();
    done = true;
    emit(message.finish(calls > 0));
  };
  const take = (event: Json): void => {
    const index = event.index ?? latest;
    switch (event.type) {
      case "message_start":
        return begin(isObject(event.message) ? event.message : {});
      case "content_block_start":
        if (isObject(event.content_block)) start(event.index, event.content_block);
        return;
      case "content_block_delta":
        if (isObject(event.delta)) grow(index, event.delta);
        return;
      case "content_block_stop":
        return stop(index);
      case "message_delta":
        return end(event);
      case "message_stop":
        return finish();
      default:
        // Imitators also send errors in other protocols' shapes, without a type.
        if (event.type !== "error" && !event.error) return;
        done = true;
        emit({ type: "error", error: toStreamError(event) });
    }
  };
  return {
    take(event, into) {
      if (done) return;
      out = into;
      take(event);
    },
    close(into) {
      out = into;
      if (!done && message.isEnded()) finish();
      return done;
    },
    done: () => done,
  };
}

/** What does not end a text that goes on. */
const IN_TEXT: ReadonlySet<StreamEvent["type"]> = new Set(["citation", "native"]);
