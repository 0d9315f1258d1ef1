import { createJsonProgress, type JsonProgress } from "../sequence-calls.ts";
import { openSignature } from "../signature.ts";
import { isObject, type Json } from "../validate.ts";
import type { Signature, StreamEvent } from "../unified.ts";

export interface CallTracker {
  /** The `tool_calls` of one delta, or of a whole message. */
  take: (entries: unknown[]) => StreamEvent[];
  /** Starts what waits for its arguments: called before other content, and at the end. */
  flush: () => StreamEvent[];
  /** Ends the answer: closes free-text inputs. */
  end: () => StreamEvent[];
  /** Calls started so far. */
  count: () => number;
}

export interface TrackOptions {
  /** The provider's tool name → the client's. */
  fromWire: (name: string) => string;
  /** Whether that is the whole name of a tool. */
  isTool: (wireName: string) => boolean;
  /** The one tool there is, for calls without any name. */
  onlyTool?: string;
  /** Arguments come as all text so far. */
  cumulative: boolean;
}

/**
 * Finds out which call a delta belongs to. OpenAI gives every call an index, an id and a name once; its imitators leave
 * out the index, keep it at 0 for parallel calls, let it drift, repeat or split the name, repeat the id, give the
 * arguments as an object, or send whole calls, several in one chunk.
 */
export function createCallTracker(options: TrackOptions): CallTracker {
  const calls: TrackedCall[] = [];
  const byId = new Map<string, TrackedCall>();
  const byIndex = new Map<number, TrackedCall>();
  const pending = new Set<TrackedCall>();
  let batch = 0;

  const find = (delta: CallDelta, position: number, size: number): TrackedCall | undefined => {
    const known = delta.id === undefined ? undefined : byId.get(delta.id);
    const at = delta.index === undefined ? undefined : byIndex.get(delta.index);
    // One id for several calls (a constant "call_0"): a name at an index that is new begins another call.
    const reused = delta.name !== undefined && delta.index !== undefined && at === undefined;
    if (known && !reused && !isNext(known, delta)) return known;
    if (delta.name !== undefined) {
      const candidate = at ?? (delta.index === undefined ? calls.at(-1) : undefined);
      return candidate && continues(candidate, delta) ? candidate : undefined;
    }
    if (delta.id !== undefined && !known && beginsWithId(at, delta)) return undefined;
    if (delta.index === undefined && size > 1) return calls[position] ?? calls.at(-1);
    // An index that no call has and no id: it drifted, and the last call goes on.
    return at ?? calls.at(-1);
  };

  const beginsWithId = (at: TrackedCall | undefined, delta: CallDelta): boolean => {
    if (delta.index !== undefined) return at === undefined;
    const last = calls.at(-1);
    return last === undefined || last.json.complete();
  };

  /** The same id and index, a name, and the JSON before it is complete: one id for all calls. */
  const isNext = (call: TrackedCall, delta: CallDelta): boolean =>
    delta.name !== undefined && delta.args !== "" && call.json.complete() && !call.repeatsName;

  const continues = (call: TrackedCall, delta: CallDelta): boolean => {
    const name = delta.name ?? "";
    if (call.name === "") return true;
    if (call.namedIn === batch) return false;
    const sameName = name === call.name;
    if (delta.id !== undefined && call.id !== undefined) {
      // Some servers make up a new id for every chunk.
      return sameName && !call.json.empty() && !call.json.complete();
    }
    if (call.json.complete()) return sameName && delta.args === "" && call.repeatsName;
    if (!call.json.empty() || sameName) return sameName;
    return !(options.isTool(call.name) && options.isTool(name));
  };

  const add = (delta: CallDelta): TrackedCall => {
    const call: TrackedCall = {
      index: calls.length,
      name: "",
      custom: delta.custom,
      started: false,
      held: "",
      seen: "",
      namedIn: -1,
      repeatsName: false,
      json: createJsonProgress(),
    };
    calls.push(call);
    pending.add(call);
    return call;
  };

  const mergeName = (call: TrackedCall, name: string): void => {
    call.namedIn = batch;
    if (name === call.name) call.repeatsName = true;
    else if (!call.started) call.name = name.startsWith(call.name) ? name : call.name + name;
  };

  const grow = (call: TrackedCall, args: string, out: StreamEvent[]): void => {
    const piece = options.cumulative && args.startsWith(call.seen) ? args.slice(call.seen.length) : args;
    if (options.cumulative) call.seen += piece;
    if (piece === "") return;
    const json = call.custom ? JSON.stringify(piece).slice(1, -1) : piece;
    call.json.push(json);
    call.held += json;
    if (call.name !== "") start(call, out);
    if (!call.started) return;
    out.push({ type: "tool-delta", index: call.index, json: call.held });
    call.held = "";
  };

  const start = (call: TrackedCall, out: StreamEvent[]): void => {
    if (call.started) return;
    const name = options.fromWire(call.name);
    const { index, id, signature } = call;
    call.started = true;
    pending.delete(call);
    out.push({
      type: "tool-start",
      index,
      ...(id !== undefined && { id }),
      name,
      ...(signature && { signature }),
    });
    if (call.custom) out.push({ type: "tool-delta", index, json: '{"input":"' });
  };

  const flush = (): StreamEvent[] => {
    if (pending.size === 0) return [];
    const out: StreamEvent[] = [];
    for (const call of pending) if (call.name !== "") start(call, out);
    return out;
  };

  return {
    take(entries) {
      const out: StreamEvent[] = [];
      batch++;
      for (const [position, entry] of entries.entries()) {
        const delta = readDelta(entry);
        if (!delta) continue;
        const found = find(delta, position, entries.length);
        if (!found && delta.name === undefined && delta.id === undefined && delta.args === "") continue;
        // Another call begins: what came before it is complete as it stands.
        if (!found) out.push(...flush());
        const call = found ?? add(delta);
        if (delta.id !== undefined) {
          call.id ??= delta.id;
          byId.set(delta.id, call);
        }
        if (!found && delta.index !== undefined) byIndex.set(delta.index, call);
        if (delta.name !== undefined) mergeName(call, delta.name);
        if (delta.signature) call.signature = delta.signature;
        // An object is whole; sent again it says nothing new.
        if (!delta.whole || call.json.empty()) grow(call, delta.args, out);
      }
      return out;
    },
    flush,
    end() {
      const nameless = calls.filter((call) => call.name === "" && !call.json.empty());
      if (options.onlyTool !== undefined) for (const call of nameless) call.name = options.onlyTool;
      const out = flush();
      for (const call of nameless) {
        if (call.started) out.push({ type: "tool-delta", index: call.index, json: call.held });
      }
      for (const call of calls) {
        if (call.started && call.custom) out.push({ type: "tool-delta", index: call.index, json: '"}' });
      }
      return out;
    },
    count: () => calls.filter((call) => call.name !== "").length,
  };
}

interface TrackedCall {
  /** Ours, counting up. */
  index: number;
  id?: string;
  name: string;
  custom: boolean;
  signature?: Signature;
  started: boolean;
  /** Arguments that came before the name. */
  held: string;
  /** All arguments so far, where they come cumulatively. */
  seen: string;
  /** The batch that last named it: one batch names a call once. */
  namedIn: number;
  repeatsName: boolean;
  json: JsonProgress;
}

interface CallDelta {
  index?: number;
  id?: string;
  name?: string;
  args: string;
  /** The arguments came as an object. */
  whole: boolean;
  custom: boolean;
  signature?: Signature;
}

function readDelta(entry: unknown): CallDelta | undefined {
  if (!isObject(entry)) return undefined;
  const custom = isObject(entry.custom) ? entry.custom : undefined;
  const body = custom ?? (isObject(entry.function) ? entry.function : entry);
  const args = custom ? body.input : body.arguments;
  const index = typeof entry.index === "string" ? Number.parseInt(entry.index, 10) : entry.index;
  const signature = readSignature(entry);
  return {
    ...(typeof index === "number" && Number.isInteger(index) && { index }),
    ...(typeof entry.id === "string" && entry.id !== "" && { id: entry.id }),
    ...(typeof body.name === "string" && body.name !== "" && { name: body.name }),
    args: typeof args === "string" ? args : isObject(args) ? JSON.stringify(args) : "",
    whole: isObject(args),
    custom: custom !== undefined,
    ...(signature && { signature }),
  };
}

/** Google's chat-completions endpoint signs calls in a field of its own. */
export function readSignature(call: Json): Signature | undefined {
  const google = isObject(call.extra_content) ? call.extra_content.google : undefined;
  const value = isObject(google) ? google.thought_signature : undefined;
  return typeof value === "string" && value !== "" ? openSignature(value, "openai") : undefined;
}
