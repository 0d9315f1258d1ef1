import type { WriteContext } from "../adapter.ts";
import type { FinishReason, Native, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toStopDetails, toStopReason } from "./finish-reason.ts";
import { isBeta } from "./is-beta.ts";
import { readOwn } from "./own-fields.ts";
import { writeDeltaUsage, writeUsage } from "./usage.ts";
import { PROTOCOL, type WireStopDetails, type WireStopReason } from "./wire.ts";

/** What the provider told beside the content. */
interface Told {
  usage?: Usage;
  native?: Native;
}

/** Why and with what an answer ended. */
export interface Ending extends Told {
  reason: FinishReason;
  stopSequence?: string;
  /** It holds calls of the client's tools. */
  called: boolean;
  refused: boolean;
}

interface Stop {
  stop_reason: WireStopReason | null;
  stop_sequence: string | null;
  stop_details: WireStopDetails | null;
}

/** The message as a stream begins with it: everything is there, and most of it null. */
export const writeStart = (start: Told, context: WriteContext): Json =>
  writeMessage([], NOT_STOPPED, start, isBeta(context.call) ? null : undefined, context);

export const writeWhole = (content: unknown[], ending: Ending, context: WriteContext): Json =>
  writeMessage(content, toStop(ending), ending, toManagement(readOwn(ending.native), context), context);

/** The event `message_delta`, which all counts come with. */
export function writeEnd(ending: Ending, context: WriteContext): { type: string; [field: string]: unknown } {
  const own = readOwn(ending.native);
  const { stop_reason, stop_sequence, stop_details } = toStop(ending);
  const delta = { stop_reason, stop_sequence, stop_details, container: own.container ?? null };
  const usage = writeDeltaUsage(ending.usage, { own: own.usage, beta: isBeta(context.call) });
  const management = toManagement(own, context);
  const event = { type: "message_delta", delta, usage };
  return management === undefined ? event : { ...event, context_management: management };
}

/** Made as one object: putting several together costs more than all the rest. */
function writeMessage(
  content: unknown[],
  { stop_reason, stop_sequence, stop_details }: Stop,
  { usage, native }: Told,
  management: unknown,
  context: WriteContext,
): Json {
  const own = readOwn(native);
  const message: Json = {
    model: context.request.model,
    id: `msg_${context.id}`,
    type: "message",
    role: "assistant",
    content,
    container: own.container ?? null,
    stop_reason,
    stop_sequence,
    stop_details,
    usage: writeUsage(usage, { own: own.usage, beta: isBeta(context.call) }),
    diagnostics: own.diagnostics ?? null,
  };
  if (management !== undefined) message.context_management = management;
  if (own.input_transformations !== undefined) message.input_transformations = own.input_transformations;
  return message;
}

function toStop({ reason, stopSequence, called, refused, native }: Ending): Stop {
  const own = readOwn(native);
  const stop_reason = toStopReason({ reason, stopSequence, called, refused, own });
  return {
    stop_reason,
    stop_sequence: stopSequence ?? null,
    stop_details: toStopDetails(stop_reason, own),
  };
}

/** None where the field is left out: only beta clients know it. One that asked for edits is told which were made. */
function toManagement(own: Json, context: WriteContext): unknown {
  const asked = isObject(context.request.extra?.[PROTOCOL]?.context_management);
  if (own.context_management !== undefined) return own.context_management;
  if (asked) return { applied_edits: [] };
  return isBeta(context.call) ? null : undefined;
}

const NOT_STOPPED: Stop = { stop_reason: null, stop_sequence: null, stop_details: null };
