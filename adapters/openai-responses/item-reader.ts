import { wrapCustomInput } from "../custom-tools.ts";
import type { NameMap } from "../tool-names.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { parseAnnotation, type Offset } from "./annotations.ts";
import { findCalled } from "./built-in-tools.ts";
import { BREAK, PROTOCOL } from "./wire.ts";
import { readToolName } from "./write-tools.ts";

/** What of one output item has been told already, so that nothing is told twice when its whole comes. */
export interface ItemState {
  type: string;
  id?: string;
  callId?: string;
  done: boolean;
  /** Text told so far, per content part. */
  told: Map<string, string>;
  /** Reasoning comes as a summary or in full; the kind that comes first is shown. */
  reasoning?: "summary" | "content";
  /** A call's number among the calls of the answer, once it was announced. */
  call?: number;
  args: string;
  hasLogprobs: boolean;
  /** Sources told so far, per content part. */
  cited: Map<number, number>;
  /** Where in the text that runs on each content part began. */
  began: Map<number, Offset>;
}

/** Kinds of text an item can hold. */
export type Channel = "text" | "refusal" | "summary" | "content";

export interface ItemReader {
  open: (item: Json) => ItemState;
  /** A piece of text; `index` is the part's. */
  text: (state: ItemState, channel: Channel, index: number, delta: string) => void;
  /** The whole text of a part: tells what is missing of it. */
  wholeText: (state: ItemState, channel: Channel, index: number, whole: unknown) => void;
  logprobs: (state: ItemState, logprobs: unknown) => void;
  /** A source of a text part; `number` is its place among the part's sources, where it is told. */
  cite: (state: ItemState, index: number, annotation: Json, number?: number) => void;
  args: (state: ItemState, delta: string) => void;
  wholeArgs: (state: ItemState, whole: unknown) => void;
  /** The finished item. */
  close: (state: ItemState, item: Json) => void;
  hasCalls: () => boolean;
}

/** Tells the events of output items to `out`, whether they come in pieces, whole, or both. */
export function createItemReader(
  request: UnifiedRequest,
  names: NameMap,
  out: (event: StreamEvent) => void,
): ItemReader {
  let calls = 0;
  /** The item whose text or thoughts were told last: neighbours of a kind are set apart. */
  let last: { state: ItemState; channel: Channel; index: number } | undefined;
  /** Length of the text that runs on until something else is told. */
  let length: Offset = { text: 0, item: 0 };
  /** An item only this protocol knows has interrupted the text for its own clients. */
  let interrupted = false;

  const open = (item: Json): ItemState => {
    const state: ItemState = {
      type: typeof item.type === "string" ? item.type : "message",
      done: false,
      told: new Map(),
      args: "",
      hasLogprobs: false,
      cited: new Map(),
      began: new Map(),
      ...readIds(item),
    };
    if (isCall(item)) announce(state, item);
    return state;
  };
  const announce = (state: ItemState, item: Json): void => {
    const called = findCalled(item)?.name ?? item.name;
    if (state.call !== undefined || typeof called !== "string" || called === "") return;
    state.call = calls++;
    last = undefined;
    const name = readToolName(request, called, names, item.namespace);
    const id = state.callId ?? state.id;
    out({ type: "tool-start", index: state.call, ...(id !== undefined && { id }), name });
    if (state.type === "custom_tool_call") out({ type: "tool-delta", index: state.call, json: CUSTOM_START });
    const early = state.args;
    state.args = "";
    args(state, early);
  };

  const text = (state: ItemState, channel: Channel, index: number, delta: string): void => {
    if (delta === "" || state.done) return;
    const thinking = channel === "summary" || channel === "content";
    if (thinking && (state.reasoning ??= channel) !== channel) return;
    const key = `${channel}${index}`;
    state.told.set(key, (state.told.get(key) ?? "") + delta);
    const before = needsBreak(last, { state, channel, index }) ? BREAK : "";
    if (channel === "text") measure(state, index, { before: before.length, delta: delta.length });
    const apart = before + delta;
    last = { state, channel, index };
    if (channel === "refusal") out({ type: "refusal-delta", text: apart });
    else out({ type: thinking ? "thinking-delta" : "text-delta", text: apart });
  };
  const measure = (state: ItemState, index: number, grown: { before: number; delta: number }): void => {
    if (last?.channel !== "text") length = { text: 0, item: 0 };
    const { before, delta } = grown;
    const began = { text: length.text + before, item: interrupted ? 0 : length.item + before };
    if (!state.began.has(index)) state.began.set(index, began);
    length = { text: began.text + delta, item: began.item + delta };
    interrupted = false;
  };
  const wholeText = (state: ItemState, channel: Channel, index: number, whole: unknown): void => {
    if (typeof whole !== "string") return;
    const told = state.told.get(`${channel}${index}`) ?? "";
    if (whole.length > told.length && whole.startsWith(told))
      text(state, channel, index, whole.slice(told.length));
  };
  const logprobs = (state: ItemState, list: unknown): void => {
    if (!Array.isArray(list) || list.length === 0 || state.done) return;
    state.hasLogprobs = true;
    out({ type: "logprobs", logprobs: list });
  };

  const cite = (state: ItemState, index: number, annotation: Json, number?: number): void => {
    const cited = state.cited.get(index) ?? 0;
    if (number === undefined ? state.done : number < cited) return;
    state.cited.set(index, cited + 1);
    // About a text that something else has ended: its place means nothing in the one that follows.
    const isRunning = last?.channel === "text" && last.state === state;
    const offset = isRunning ? (state.began.get(index) ?? length) : undefined;
    out({ type: "citation", citation: parseAnnotation(annotation, offset) });
  };

  const args = (state: ItemState, delta: string): void => {
    if (delta === "" || state.done) return;
    state.args += delta;
    // Without its name a call cannot start: the arguments wait for it.
    if (state.call === undefined) return;
    const json = state.type === "custom_tool_call" ? JSON.stringify(delta).slice(1, -1) : delta;
    out({ type: "tool-delta", index: state.call, json });
  };
  const wholeArgs = (state: ItemState, whole: unknown): void => {
    const complete = isObject(whole) ? JSON.stringify(whole) : whole;
    if (typeof complete !== "string" || !complete.startsWith(state.args)) return;
    args(state, complete.slice(state.args.length));
  };

  const close = (state: ItemState, item: Json): void => {
    if (state.done) return;
    if (state.call !== undefined || isCall(item)) closeCall(state, item);
    else if (state.type === "message") closeMessage(state, item);
    else if (state.type === "reasoning") closeReasoning(state, item);
    else if (state.type === "image_generation_call" && typeof item.result === "string") {
      const mimeType = `image/${typeof item.output_format === "string" ? item.output_format : "png"}`;
      out({
        type: "media",
        media: { type: "media", mimeType, source: { kind: "base64", data: item.result } },
      });
      last = undefined;
    } else if (item.type === state.type) {
      // A tool that the provider ran, and the like: known to clients of this protocol alone.
      out({ type: "native", native: { origin: PROTOCOL, body: item } });
      interrupted = true;
    }
    state.done = true;
  };
  const closeCall = (state: ItemState, item: Json): void => {
    state.callId ??= readIds(item).callId;
    announce(state, item);
    const field = state.type === "custom_tool_call" ? "input" : (findCalled(item)?.field ?? "arguments");
    wholeArgs(state, item[field]);
    if (state.call === undefined) return;
    if (state.type === "custom_tool_call") out({ type: "tool-delta", index: state.call, json: CUSTOM_END });
    else if (state.args === "") out({ type: "tool-delta", index: state.call, json: "{}" });
  };
  const closeMessage = (state: ItemState, item: Json): void => {
    if (typeof item.content === "string") return wholeText(state, "text", 0, item.content);
    partsOf(item.content).forEach((part, index) => {
      if (part.type === "refusal") return wholeText(state, "refusal", index, part.refusal);
      wholeText(state, "text", index, part.text);
      partsOf(part.annotations)
        .slice(state.cited.get(index) ?? 0)
        .forEach((annotation) => cite(state, index, annotation));
    });
    if (state.hasLogprobs) return;
    for (const part of partsOf(item.content)) logprobs(state, part.logprobs);
  };
  const closeReasoning = (state: ItemState, item: Json): void => {
    for (const channel of ["summary", "content"] as const) {
      partsOf(item[channel]).forEach((part, index) => wholeText(state, channel, index, part.text));
    }
    if (typeof item.encrypted_content !== "string" || item.encrypted_content === "") return;
    out({ type: "thinking-signature", signature: { origin: PROTOCOL, value: item.encrypted_content } });
    last = undefined;
  };

  return { open, text, wholeText, logprobs, cite, args, wholeArgs, close, hasCalls: () => calls > 0 };
}

/** Texts of one kind that stood in different items, or thoughts in different parts, would run together. */
function needsBreak(
  last: { state: ItemState; channel: Channel; index: number } | undefined,
  next: { state: ItemState; channel: Channel; index: number },
): boolean {
  if (last?.channel !== next.channel) return false;
  if (last.state !== next.state) return true;
  return next.channel !== "text" && last.index !== next.index;
}

/** Is the item a call that the client answers? */
export const isCall = (item: Json): boolean =>
  item.type === "function_call" || item.type === "custom_tool_call" || findCalled(item) !== undefined;

function readIds(item: Json): { id?: string; callId?: string } {
  const { id, call_id: callId } = item;
  return {
    ...(typeof id === "string" && id !== "" && { id }),
    ...(typeof callId === "string" && callId !== "" && { callId }),
  };
}

const partsOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What stands around a custom call's text in unified arguments. */
const [CUSTOM_START = "", CUSTOM_END = ""] = wrapCustomInput("|").split("|");
