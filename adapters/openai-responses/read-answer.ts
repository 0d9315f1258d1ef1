import { GatewayError } from "../errors.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject, type Json, toWord } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { createItemReader, isCall, type Channel, type ItemState } from "./item-reader.ts";
import { parseStreamError } from "./parse-error.ts";
import { parseUsage } from "./usage.ts";
import { createToolNames } from "./write-tools.ts";

export interface AnswerReader {
  /** One event of a stream, by its type. After the last one nothing is told any more. */
  take: (type: string, event: Json) => StreamEvent[];
  /** The stream is over, or the body is. */
  end: () => StreamEvent[];
}

/**
 * Reads an answer event by event. Streams differ much in how many of the events they send: everything is told as
 * soon as it is known, and what came in pieces is not told again when the whole of it follows.
 */
export function createAnswerReader(request: UnifiedRequest): AnswerReader {
  let out: StreamEvent[] = [];
  let started = false;
  let ended = false;
  const states: ItemState[] = [];
  const byIndex = new Map<number, ItemState>();
  /** By item id and by call id; the latest of a name counts. */
  const byId = new Map<unknown, ItemState>();
  const reader = createItemReader(request, createToolNames(request), (event) => out.push(event));

  const start = (response: Json): void => {
    if (started) return;
    started = true;
    const { id, model } = response;
    out.push({
      type: "start",
      ...(typeof id === "string" && { id }),
      ...(typeof model === "string" && { model }),
    });
  };
  const fail = (error: GatewayError): void => {
    ended = true;
    out.push({ type: "error", error });
  };

  const openItem = (event: Json, item: Json): ItemState => {
    const state = reader.open(item);
    states.push(state);
    if (state.id !== undefined) byId.set(state.id, state);
    if (state.callId !== undefined) byId.set(state.callId, state);
    if (typeof event.output_index === "number") byIndex.set(event.output_index, state);
    return state;
  };
  /** The item an event is about. Its index comes first: some gateways change an item's id from event to event. */
  const find = (event: Json): ItemState | undefined => {
    if (typeof event.output_index === "number") return byIndex.get(event.output_index);
    return byId.get(event.item_id);
  };
  const findOrOpen = (event: Json, type: string): ItemState => {
    const found = find(event);
    if (found?.type === type) return found;
    const openOne = states.findLast((state) => state.type === type && !state.done);
    return openOne ?? openItem(event, { type, id: event.item_id, name: event.name, call_id: event.call_id });
  };
  const isSame = (state: ItemState, item: Json): boolean =>
    state.type === item.type &&
    ((state.id !== undefined && state.id === item.id) ||
      (state.callId !== undefined && state.callId === item.call_id));

  const addItem = (event: Json, item: Json): void => {
    const known = find(event);
    if (!known || !isSame(known, item)) openItem(event, item);
  };
  const closeItem = (event: Json, item: Json): void => {
    const found = find(event) ?? byId.get(item.id) ?? byId.get(item.call_id);
    // A number used again belongs to a new item.
    const fits = found && found.type === item.type && (!found.done || isSame(found, item));
    reader.close(fits ? found : openItem(event, item), item);
  };
  const finish = (response: Json): void => {
    if (response.status === "failed" || response.status === "cancelled" || isObject(response.error)) {
      return fail(
        parseStreamError(
          response.error ?? { message: `the provider's response was ${toWord(response.status)}` },
        ),
      );
    }
    const output = Array.isArray(response.output) ? response.output.filter(isObject) : [];
    const streamed = states.length > 0;
    const hadCalls = reader.hasCalls();
    output.forEach((item) => {
      const known = byId.get(item.id) ?? byId.get(item.call_id);
      if (known && isSame(known, item)) reader.close(known, item);
      // Beside streamed items the summary only repeats them, under whatever ids; but it is all that some streams have,
      // and others stream text only and list the calls here.
      else if (!streamed || (!hadCalls && isCall(item))) closeItem({}, item);
    });
    for (const state of states) reader.close(state, {});
    ended = true;
    const usage = parseUsage(response.usage);
    const reason = toFinishReason(response, reader.hasCalls());
    out.push({ type: "finish", reason, ...(usage && { usage }) });
  };

  const takeText = (event: Json, type: string, channel: Channel): void => {
    const state = findOrOpen(event, type);
    const index = event[channel === "summary" ? "summary_index" : "content_index"];
    const part = typeof index === "number" ? index : 0;
    if (typeof event.delta === "string") reader.text(state, channel, part, event.delta);
    reader.wholeText(state, channel, part, channel === "refusal" ? event.refusal : event.text);
    if (channel !== "text") return;
    if (event.delta !== undefined || !state.hasLogprobs) reader.logprobs(state, event.logprobs);
  };
  const takeAnnotation = (event: Json): void => {
    const part = typeof event.content_index === "number" ? event.content_index : 0;
    const number = typeof event.annotation_index === "number" ? event.annotation_index : undefined;
    if (isObject(event.annotation)) reader.cite(findOrOpen(event, "message"), part, event.annotation, number);
  };
  const takeArgs = (event: Json, type: string): void => {
    const state = findOrOpen(event, type);
    if (typeof event.delta === "string") reader.args(state, event.delta);
    reader.wholeArgs(state, type === "custom_tool_call" ? event.input : event.arguments);
  };

  const take = (type: string, event: Json): void => {
    const response = isObject(event.response) ? event.response : undefined;
    if (type === "response.failed") return fail(parseStreamError(response?.error ?? event.error));
    if (!type.startsWith("response.")) {
      // Gateways put errors of other protocols into the stream.
      if (type === "error" || event.error != null) fail(parseStreamError(event));
      return;
    }
    start(response ?? {});
    const item = isObject(event.item) ? event.item : undefined;
    switch (type) {
      case "response.output_item.added":
        if (item) addItem(event, item);
        return;
      case "response.output_item.done":
        if (item) closeItem(event, item);
        return;
      case "response.output_text.delta":
      case "response.output_text.done":
        return takeText(event, "message", "text");
      case "response.output_text.annotation.added":
        return takeAnnotation(event);
      case "response.refusal.delta":
      case "response.refusal.done":
        return takeText(event, "message", "refusal");
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_summary_text.done":
        return takeText(event, "reasoning", "summary");
      case "response.reasoning_text.delta":
      case "response.reasoning_text.done":
        return takeText(event, "reasoning", "content");
      case "response.function_call_arguments.delta":
      case "response.function_call_arguments.done":
        return takeArgs(event, "function_call");
      case "response.custom_tool_call_input.delta":
      case "response.custom_tool_call_input.done":
        return takeArgs(event, "custom_tool_call");
      case "response.completed":
      case "response.incomplete":
      case "response.cancelled":
      case "response.done":
        return finish({ status: type.slice("response.".length), ...response });
      default:
    }
  };
  const flush = (): StreamEvent[] => {
    const events = out;
    out = [];
    return events;
  };
  return {
    take(type, event) {
      if (!ended) take(type, event);
      return flush();
    },
    end() {
      if (!ended) fail(new GatewayError("upstream", "the provider's stream ended before response.completed"));
      return flush();
    },
  };
}
