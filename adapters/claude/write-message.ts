import type { WriteContext } from "../adapter.ts";
import type { FinishReason, Native, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toStopDetails, toStopReason } from "./finish-reason.ts";
import { isBeta } from "./is-beta.ts";
import { readOwn } from "./own-fields.ts";
import { writeDeltaUsage, writeUsage } from "./usage.ts";
import { PROTOCOL } from "./wire.ts";

/** Why and with what an answer ended. */
export interface Ending {
  reason: FinishReason;
  stopSequence?: string;
  /** It holds calls of the client's tools. */
  called: boolean;
  refused: boolean;
  usage?: Usage;
  native?: Native;
}

/** The message as a stream begins with it: everything is there, and most of it null. */
export function writeStart(
  { usage, native }: { usage?: Usage; native?: Native },
  context: WriteContext,
): Json {
  const own = readOwn(native);
  const beta = isBeta(context.call);
  return {
    ...toHead(context),
    content: [],
    container: own.container ?? null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: writeUsage(usage, { own: own.usage, beta }),
    diagnostics: own.diagnostics ?? null,
    ...(beta && { context_management: null }),
    ...(own.input_transformations !== undefined && { input_transformations: own.input_transformations }),
  };
}

export function writeWhole(content: unknown[], ending: Ending, context: WriteContext): Json {
  const own = readOwn(ending.native);
  const beta = isBeta(context.call);
  const { container, stop_reason, stop_sequence, stop_details } = toStop(ending);
  const { model, id, type, role } = toHead(context);
  // One object made at once: putting several together costs more than all the rest.
  const message: Json = {
    model,
    id,
    type,
    role,
    content,
    container,
    stop_reason,
    stop_sequence,
    stop_details,
    usage: writeUsage(ending.usage, { own: own.usage, beta }),
    diagnostics: own.diagnostics ?? null,
  };
  const { context_management: management } = toManagement(own, context);
  if (management !== undefined) message.context_management = management;
  if (own.input_transformations !== undefined) message.input_transformations = own.input_transformations;
  return message;
}

/** The event `message_delta`, which all counts come with. */
export function writeEnd(ending: Ending, context: WriteContext): { type: string; [field: string]: unknown } {
  const own = readOwn(ending.native);
  return {
    type: "message_delta",
    delta: toStop(ending),
    usage: writeDeltaUsage(ending.usage, { own: own.usage, beta: isBeta(context.call) }),
    ...toManagement(own, context),
  };
}

const toHead = ({ id, request }: WriteContext) => ({
  model: request.model,
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
});

function toStop({ reason, stopSequence, called, refused, native }: Ending) {
  const own = readOwn(native);
  const stop_reason = toStopReason({ reason, stopSequence, called, refused, own });
  return {
    stop_reason,
    stop_sequence: stopSequence ?? null,
    stop_details: toStopDetails(stop_reason, own),
    container: own.container ?? null,
  };
}

/** Only beta clients know the field. One that asked for edits is told which were made. */
function toManagement(own: Json, context: WriteContext): { context_management?: unknown } {
  const asked = isObject(context.request.extra?.[PROTOCOL]?.context_management);
  if (own.context_management !== undefined) return { context_management: own.context_management };
  return asked || isBeta(context.call) ? { context_management: asked ? { applied_edits: [] } : null } : {};
}
