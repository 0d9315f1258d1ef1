import type { StreamEvent } from "../unified.ts";
import { isObject, unknownFields, type Json } from "../validate.ts";
import { isLossyReason, toFinishReason } from "./finish-reason.ts";
import { keepOwn, pickFilled } from "./own-fields.ts";
import { readCounts, toUsage, type Counts } from "./usage.ts";

/** What a message says beside its content: gathered from its start and its end. */
export interface MessageReader {
  begin: (message: Json) => StreamEvent;
  /** Takes a `message_delta`. */
  end: (event: Json) => void;
  /** A stop reason came. */
  isEnded: () => boolean;
  finish: (called: boolean) => StreamEvent;
}

export function createMessageReader(): MessageReader {
  let counts: Counts | undefined;
  let reason: string | undefined;
  let stopSequence: string | undefined;
  const own: Json = {};

  const note = (fields: Json): void => {
    counts = readCounts(fields.usage, counts);
    for (const key of OWN) if (fields[key] !== undefined && fields[key] !== null) own[key] = fields[key];
    const usage = isObject(fields.usage) ? unknownFields(fields.usage, COUNTED) : undefined;
    if (usage) own.usage = { ...(own.usage as Json | undefined), ...pickFilled(usage) };
  };
  const told = () => ({ ...(counts && { usage: toUsage(counts) }), ...keepOwn(own) });
  return {
    begin(message) {
      note(message);
      const { id, model } = message;
      return {
        type: "start",
        ...(typeof id === "string" && { id }),
        ...(typeof model === "string" && { model }),
        ...told(),
      };
    },
    end(event) {
      const delta = isObject(event.delta) ? event.delta : {};
      note({ ...event, ...delta, usage: event.usage });
      if (typeof delta.stop_reason === "string") reason = delta.stop_reason;
      if (typeof delta.stop_sequence === "string") stopSequence = delta.stop_sequence;
    },
    isEnded: () => reason !== undefined,
    finish(called) {
      if (isLossyReason(reason)) own.stop_reason = reason;
      return {
        type: "finish",
        reason: toFinishReason(reason, called),
        ...(reason === "stop_sequence" && stopSequence !== undefined && { stopSequence }),
        ...told(),
      };
    },
  };
}

const OWN = [
  "container",
  "context_management",
  "diagnostics",
  "input_transformations",
  "stop_details",
] as const;
const COUNTED = new Set([
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "output_tokens_details",
]);
