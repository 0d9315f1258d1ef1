import type { EventStage } from "../../adapters/sequence-calls.ts";
import type { FinishReason, StreamEvent, Usage } from "../../adapters/unified.ts";
import { gatherText } from "../gather-text.ts";
import type { Dialect } from "./block.ts";
import { createCallReader, type CallReader, type ReadEvent } from "./read-calls.ts";
import type { SettledCall, Toolbox } from "./settle-call.ts";

export interface EmulationOptions {
  toolbox: Toolbox;
  dialects: readonly Dialect[];
  /** Texts of the request's tool results: a call that stands in one word for word is a quotation. */
  resultTexts: readonly string[];
  parallel: boolean;
  /** A call must be made. */
  required: boolean;
  /** How often the model may be asked again. */
  reasks: number;
  /** Calls that their schema does not allow are never sent. */
  strict?: boolean;
  onRepair?: (repair: { kind: string; tool?: string; before?: string }) => void;
}

/** What the model is to be told when it is asked again. */
export interface Complaint {
  answer: string;
  failures: readonly { call: SettledCall }[];
}

export interface Emulation {
  stage: EventStage;
  /** Set once the answer ended without its finish, because the model is to be asked again. */
  complaint: () => Complaint | undefined;
}

type GoodCall = Extract<SettledCall, { kind: "good" }>;
type CallsRead = Extract<ReadEvent, { type: "calls" }>;

/** Calls per answer; a model that repeats itself without end is stopped. */
const MAX_CALLS = 128;

/**
 * Turns an answer's text into text and calls. A call goes out whole, once it is certain: nothing that was sent is
 * ever taken back, and a call that was cut off is never sent. What cannot become a call goes back as text.
 */
export function createEmulation(options: EmulationOptions): Emulation {
  const { toolbox, onRepair } = options;
  let reader = newReader();
  let nextIndex = 0;
  let callsInAnswer = 0;
  /** Blanks that stood around calls: they go out with text that follows, or not at all. */
  let blank = "";
  let asked = 0;
  let truncated = false;
  const answer = gatherText();
  let failures: { call: SettledCall }[] = [];
  /** What came from the first failed call on: calls and texts, given back in order if asking again does not help. */
  const behind: { text: string; failed: boolean }[] = [];
  const laterText: string[] = [];
  /** Good calls behind a failed one wait for it, so that the order stays. */
  let waiting: { call: GoodCall; read: CallsRead }[] = [];
  const made = new Set<string>();
  let usage: Usage | undefined;
  let complaint: Complaint | undefined;
  let closed = false;
  const own = new Map<number, number>();

  function newReader(): CallReader {
    return createCallReader({ dialects: options.dialects, ...toolbox });
  }
  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    switch (event.type) {
      case "start":
        if (asked === 0) out.push(event);
        return;
      case "text-delta":
        answer.push(event.text);
        for (const read of reader.push(event.text)) takeRead(read, out);
        return;
      // A provider that speaks calls after all: they only get their place among ours.
      case "tool-start":
        own.set(event.index, nextIndex);
        callsInAnswer++;
        out.push({ ...event, index: nextIndex++ });
        return;
      case "tool-delta":
        out.push({ ...event, index: own.get(event.index) ?? event.index });
        return;
      case "finish":
        return finish(event, out);
      case "error":
        closed = true;
        out.push(event);
        return;
      default:
        out.push(event);
    }
  };
  const takeRead = (read: ReadEvent, out: StreamEvent[]): void => {
    if (read.type === "text") return text(read.text, out);
    if (read.type === "truncated") {
      truncated = true;
      onRepair?.({ kind: "truncated call", before: shorten(read.raw) });
      return;
    }
    blank += read.blank;
    if (isQuotation(read.raw)) return text(read.raw, out);
    const settled = read.calls.map(toolbox.settle);
    const usable = settled.filter((call) => call.kind === "good");
    for (const call of settled) {
      if (call.kind === "good") {
        if (asked === 0 && failures.length) waiting.push({ call, read });
        else emit(call, read, out);
      } else if (call.kind === "refused")
        onRepair?.({ kind: "refused call", tool: call.name, before: shorten(read.raw) });
      else if (asked < options.reasks) fail(usable.length ? describe(call) : read.raw, call);
      else if (call.kind === "misfit" && !options.strict)
        emit({ ...call, kind: "good", repairs: ["misfit"] }, read, out);
      else {
        failures.push({ call });
        if (asked === 0) text(usable.length ? describe(call) : read.raw, out);
      }
    }
  };
  const fail = (raw: string, call: SettledCall): void => {
    failures.push({ call });
    behind.push({ text: blank + raw, failed: true });
    blank = "";
  };
  const emit = (call: GoodCall, read: CallsRead, out: StreamEvent[]): void => {
    // Asked again about one call, models repeat those that were right.
    const key = `${call.name} ${call.json}`;
    if (
      asked > 0 &&
      (made.has(key) || waiting.some((other) => `${other.call.name} ${other.call.json}` === key))
    )
      return;
    made.add(key);
    if (callsInAnswer >= (options.parallel ? MAX_CALLS : 1)) {
      onRepair?.({ kind: "call too many", tool: call.name });
      return;
    }
    for (const kind of new Set([...read.repairs, ...call.repairs]))
      onRepair?.({ kind, tool: call.name, before: shorten(read.raw) });
    callsInAnswer++;
    const index = nextIndex++;
    out.push({ type: "tool-start", index, name: call.name }, { type: "tool-delta", index, json: call.json });
  };
  const text = (value: string, out: StreamEvent[]): void => {
    if (value.trim() === "") {
      blank += value;
      return;
    }
    const whole = blank + value;
    blank = "";
    if (asked > 0) laterText.push(whole);
    else if (failures.length) behind.push({ text: whole, failed: false });
    else if (options.parallel || callsInAnswer === 0) out.push({ type: "text-delta", text: whole });
  };
  const isQuotation = (raw: string): boolean => {
    const needle = raw.trim();
    return needle.length > 12 && options.resultTexts.some((result) => result.includes(needle));
  };
  const finish = (event: Extract<StreamEvent, { type: "finish" }>, out: StreamEvent[]): void => {
    for (const read of reader.end()) takeRead(read, out);
    usage = addUsage(usage, event.usage);
    const unanswered = options.required && callsInAnswer === 0 && event.reason !== "content-filter";
    if (
      asked < options.reasks &&
      !truncated &&
      (failures.length || (unanswered && event.reason !== "length"))
    ) {
      complaint = {
        answer: answer.text(),
        failures: failures,
      };
      for (const { call } of failures) onRepair?.({ kind: "asked again", tool: call.name });
      restart();
      return;
    }
    const late = waiting;
    waiting = [];
    for (const { call, read } of late) emit(call, read, out);
    giveBack(out);
    if (callsInAnswer === 0 && asked === 0 && blank !== "") out.push({ type: "text-delta", text: blank });
    closed = true;
    out.push({ ...event, reason: reasonOf(event.reason), ...(usage && { usage }) });
  };
  const restart = (): void => {
    asked++;
    blank = "";
    reader = newReader();
    failures = [];
    answer.clear();
    own.clear();
  };
  /** The text that waited for the model to be asked again, and what its second answer says beside calls. */
  const giveBack = (out: StreamEvent[]): void => {
    const later = laterText.join("");
    const kept = behind.filter(({ failed }) => failures.length > 0 || !failed).map(({ text }) => text);
    const value = kept.join("") + (failures.length || callsInAnswer ? "" : later);
    if (value !== "") out.push({ type: "text-delta", text: value });
  };
  const reasonOf = (reason: FinishReason): FinishReason => {
    if (callsInAnswer > 0 && reason !== "content-filter") return "tool-calls";
    if (truncated && reason !== "content-filter") return "length";
    return reason === "tool-calls" ? "stop" : reason;
  };
  return {
    stage: {
      push(events) {
        const out: StreamEvent[] = [];
        for (const event of events) if (!closed) take(event, out);
        return out;
      },
      end: () => [],
    },
    complaint() {
      const current = complaint;
      complaint = undefined;
      return current;
    },
  };
}

/** A failed call between good ones, as text. */
const describe = (call: SettledCall): string =>
  JSON.stringify({
    name: call.name,
    ...(call.kind === "misfit" && { arguments: JSON.parse(call.json) as unknown }),
  });

const shorten = (text: string): string => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text);

function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return one ?? other;
  const sum: Usage = {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
  for (const key of ["cachedTokens", "cacheWriteTokens", "reasoningTokens"] as const) {
    const total = (one[key] ?? 0) + (other[key] ?? 0);
    if (total) sum[key] = total;
  }
  return sum;
}
