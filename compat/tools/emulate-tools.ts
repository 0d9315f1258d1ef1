import type { EventStage } from "../../adapters/sequence-calls.ts";
import { sumUsages } from "../../adapters/sum-usages.ts";
import type { FinishReason, StreamEvent, Usage } from "../../adapters/unified.ts";
import { gatherText } from "../gather-text.ts";
import type { WaitsFor } from "../hold-pieces.ts";
import { BY_NATURE, findRepairs } from "./find-repairs.ts";
import { createOutlet, type GoodCall, shorten } from "./outlet.ts";
import type { CallReader, ReadEvent } from "./read-calls.ts";
import type { SettledCall, Toolbox } from "./settle-call.ts";

export interface EmulationOptions {
  toolbox: Toolbox;
  /** A reader for one answer of the model. */
  createReader: () => CallReader;
  /** Texts of the request's tool results: a call that stands in one word for word is a quotation. */
  resultTexts: readonly string[];
  parallel: boolean;
  /** A call must be made. */
  required: boolean;
  /** How often the model may be asked again. */
  reasks: number;
  /** Calls that their schema does not allow are never sent. */
  strict?: boolean;
  /** An answer of this model ends with its calls: text behind them is made up. */
  endsWithCalls?: boolean;
  /** Stop sequences the client knows nothing of. */
  ownStops?: readonly string[];
  onRepair?: (repair: { kind: string; tool?: string; before?: string }) => void;
  /** How a block of good calls was written. */
  onWritten?: (raw: string) => void;
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
  /** What the text has to bring before anything comes of it. */
  waitsFor: () => WaitsFor;
  /** The rest of the answer when the model could not be asked again after all. */
  giveUp: () => StreamEvent[];
}

type CallsRead = Extract<ReadEvent, { type: "calls" }>;
type Finish = Extract<StreamEvent, { type: "finish" }>;

/** What waits behind a failed call: text, a citation in its place, or the failed call itself as it was written. */
type Held =
  | { type: "text"; text: string }
  | { type: "event"; event: StreamEvent }
  | { type: "failed"; text: string; call: SettledCall; read: CallsRead };

/**
 * Turns an answer's text into text and calls. A call goes out whole, once it is certain: nothing that was sent is
 * ever taken back, and a call that was cut off is never sent. What cannot become a call goes back as text.
 */
export function createEmulation(options: EmulationOptions): Emulation {
  const { toolbox, onRepair } = options;
  let reader = options.createReader();
  const calls = createOutlet(options);
  /** Blanks that stood around calls: they go out with text that follows, or not at all. */
  let blank = "";
  let asked = 0;
  let truncated = false;
  const answer = gatherText();
  let failures: { call: SettledCall }[] = [];
  /** What came from the first failed call on: calls and texts, given back in order if asking again does not help. */
  const behind: Held[] = [];
  /** What later answers say beside calls. */
  const later: Held[] = [];
  /** Good calls behind a failed one wait for it, so that the order stays. */
  let waiting: { call: GoodCall; read: CallsRead }[] = [];
  const made = new Set<string>();
  let usage: Usage | undefined;
  let complaint: Complaint | undefined;
  /** The finish of the answer that the complaint is about. */
  let put: Finish | undefined;
  let closed = false;
  const cutsBehind = options.endsWithCalls === true && options.strict !== true;
  let behindCalls = false;
  let sawMarkup = false;

  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    switch (event.type) {
      case "start":
        if (asked === 0) out.push(event);
        return;
      case "text-delta":
        answer.push(event.text);
        for (const read of reader.push(event.text)) takeRead(read, out);
        return;
      case "tool-start":
      case "tool-delta":
        return calls.own(event, out);
      case "citation":
        if (asked > 0) later.push({ type: "event", event });
        else if (failures.length) behind.push({ type: "event", event });
        else out.push(event);
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
  /** Whether text goes on as it comes. */
  const isOpen = (): boolean =>
    blank === "" &&
    asked === 0 &&
    failures.length === 0 &&
    (calls.count() === 0 || (options.parallel && !cutsBehind));
  /** What goes on at once of a text that is nothing else. */
  const takePlain = (piece: string): string | undefined => {
    const given = reader.plain?.(piece);
    if (given !== undefined) answer.push(piece);
    return given;
  };
  const takeRead = (read: ReadEvent, out: StreamEvent[]): void => {
    switch (read.type) {
      case "text":
        // A call nobody could read is given back, wherever it stands.
        sawMarkup ||= read.markup === true;
        return text(read.text, out);
      case "calls":
        return takeCalls({ ...read, repairs: [...read.repairs, ...findRepairs(read)] }, out);
      case "dropped":
        if (options.strict) return text(read.raw, out);
        for (const kind of read.kinds) onRepair?.({ kind, before: shorten(read.raw) });
        return;
      case "truncated":
        truncated = true;
        return onRepair?.({ kind: "truncated call", before: shorten(read.raw) });
      case "cut":
        return onRepair?.({ kind: "invented turn", before: read.mark });
      default:
        return read satisfies never;
    }
  };
  const takeCalls = (read: CallsRead, out: StreamEvent[]): void => {
    blank += read.blank;
    // A block that had to be put right is none where nothing may be.
    const repaired = read.repairs.some((kind) => !BY_NATURE.has(kind));
    if (isQuotation(read.raw) || (options.strict && repaired)) return text(read.raw, out);
    const settled = read.calls.map(toolbox.settle);
    const usable = settled.filter((call) => call.kind === "good");
    // Not even as text: who reads the answer again might make something of it. Nor what came in one breath with it.
    const refused = settled.find((call) => call.kind === "refused");
    if (refused) return onRepair?.({ kind: "refused call", tool: refused.name, before: shorten(read.raw) });
    if (usable.length) options.onWritten?.(read.raw);
    for (const call of settled) {
      if (call.kind === "good") {
        if (asked === 0 && failures.length) waiting.push({ call, read });
        else emit(call, read, out);
      } else if (asked < options.reasks) fail(usable.length ? describe(call) : read.raw, call, read);
      else if (call.kind === "misfit" && !options.strict)
        emit({ ...call, kind: "good", repairs: ["misfit"] }, read, out);
      else {
        failures.push({ call });
        if (asked === 0) text(usable.length ? describe(call) : read.raw, out);
      }
    }
  };
  const fail = (raw: string, call: SettledCall, read: CallsRead): void => {
    failures.push({ call });
    (asked === 0 ? behind : later).push({ type: "failed", text: blank + raw, call, read });
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
    calls.call(call, read, out);
  };
  const text = (value: string, out: StreamEvent[]): void => {
    if (value.trim() === "") {
      blank += value;
      return;
    }
    if (isBehindCalls()) {
      if (!behindCalls) onRepair?.({ kind: "text behind calls", before: shorten(value) });
      behindCalls = true;
      return;
    }
    const whole = blank + value;
    blank = "";
    if (asked > 0) later.push({ type: "text", text: whole });
    else if (failures.length) behind.push({ type: "text", text: whole });
    else if (options.parallel || calls.count() === 0) out.push({ type: "text-delta", text: whole });
  };
  const isBehindCalls = (): boolean =>
    cutsBehind && calls.count() > 0 && asked === 0 && failures.length === 0 && !sawMarkup;
  const isQuotation = (raw: string): boolean => {
    const needle = raw.trim();
    return needle.length > 12 && options.resultTexts.some((result) => result.includes(needle));
  };
  const finish = (event: Finish, out: StreamEvent[]): void => {
    for (const read of reader.end(event.reason === "length")) takeRead(read, out);
    usage = sumUsages([usage, event.usage]);
    const unanswered = options.required && calls.count() === 0 && event.reason !== "content-filter";
    if (
      asked < options.reasks &&
      !truncated &&
      (failures.length || (unanswered && event.reason !== "length"))
    ) {
      complaint = { answer: answer.text(), failures };
      put = event;
      for (const { call } of failures) onRepair?.({ kind: "asked again", tool: call.name });
      if (failures.length === 0) onRepair?.({ kind: "asked again" });
      restart();
      return;
    }
    const late = waiting;
    waiting = [];
    for (const { call, read } of late) emit(call, read, out);
    giveBack(out);
    end(event, out);
  };
  const end = (event: Finish, out: StreamEvent[]): void => {
    if (calls.count() === 0 && asked === 0 && blank !== "") out.push({ type: "text-delta", text: blank });
    closed = true;
    const { stopSequence, ...rest } = event;
    const known = stopSequence !== undefined && !options.ownStops?.includes(stopSequence);
    out.push({
      ...rest,
      reason: reasonOf(event.reason),
      ...(usage && { usage }),
      ...(known && { stopSequence }),
    });
  };
  const restart = (): void => {
    asked++;
    blank = "";
    reader = options.createReader();
    failures = [];
    answer.clear();
    calls.restart();
  };
  /** What waited for the model to be asked again, and what its last answer says beside calls. */
  const giveBack = (out: StreamEvent[]): void => {
    const kept = behind.filter((held) => failures.length > 0 || held.type !== "failed");
    const said = later.filter((held) => held.type !== "failed");
    for (const held of [...kept, ...(failures.length || calls.count() ? [] : said)]) {
      if (held.type === "event") out.push(held.event);
      else say(held.text, out);
    }
  };
  const say = (value: string, out: StreamEvent[]): void => {
    const last = out.at(-1);
    if (last?.type === "text-delta") out[out.length - 1] = { ...last, text: last.text + value };
    else if (value !== "") out.push({ type: "text-delta", text: value });
  };
  const giveUp = (): StreamEvent[] => {
    const out: StreamEvent[] = [];
    if (closed || !put) return out;
    asked = 0;
    for (const held of behind) {
      if (held.type === "event") out.push(held.event);
      else if (held.type === "failed" && held.call.kind === "misfit" && !options.strict)
        emit({ ...held.call, kind: "good", repairs: ["misfit"] }, held.read, out);
      else say(held.text, out);
    }
    for (const { call, read } of waiting) emit(call, read, out);
    end(put, out);
    return out;
  };
  const reasonOf = (reason: FinishReason): FinishReason => {
    if (calls.count() > 0 && reason !== "content-filter") return "tool-calls";
    if (truncated && reason !== "content-filter") return "length";
    return reason === "tool-calls" ? "stop" : reason;
  };
  return {
    stage: {
      push(events) {
        // Most events go on as they came: the same list, then.
        let out: StreamEvent[] | undefined;
        for (let at = 0; at < events.length; at++) {
          const event = events[at] as StreamEvent;
          if (closed) return out ?? events.slice(0, at);
          const given = event.type === "text-delta" ? takePlain(event.text) : undefined;
          const same = event.type === "text-delta" && given === event.text;
          if (event.type === "thinking-delta" || (same && isOpen())) {
            out?.push(event);
            continue;
          }
          out ??= events.slice(0, at);
          if (given === undefined) take(event, out);
          else if (given !== "") text(given, out);
        }
        return out ?? events;
      },
      end: () => [],
    },
    waitsFor: () => (closed ? "nothing" : (reader.waitsFor?.() ?? "nothing")),
    complaint() {
      const current = complaint;
      complaint = undefined;
      return current;
    },
    giveUp,
  };
}

/** A failed call between good ones, as text. */
const describe = (call: SettledCall): string =>
  JSON.stringify({
    name: call.name,
    ...(call.kind === "misfit" && { arguments: JSON.parse(call.json) as unknown }),
  });
