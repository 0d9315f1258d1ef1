import { isObject, type Json } from "../validate.ts";
import { readReasoning } from "./read-content.ts";
import type { Quirks } from "./quirks.ts";
import type { StreamEvent } from "../unified.ts";

export interface ThoughtReader {
  /** The thoughts of one delta (or of a whole message). `isLast`: something else follows in it. */
  take: (delta: Json, isLast: boolean) => StreamEvent[];
  /** Seals the thought that is open: the answer ends. */
  end: () => StreamEvent[];
  /** Calls, of which the first holds the turn's thoughts, for clients that bring back calls but no thoughts. */
  sign: (calls: StreamEvent[]) => StreamEvent[];
}

export function createThoughtReader({
  reasoningDetails,
  cumulative,
}: Pick<Quirks, "reasoningDetails" | "cumulative">): ThoughtReader {
  return reasoningDetails ? createDetailReader(Boolean(cumulative)) : PLAIN;
}

/**
 * Thoughts as `reasoning_details`, each of which becomes a thought of its own, sealed with the detail it came in: what
 * goes back is what came. A stream gives a detail piece by piece, under one index; its signature comes in a piece
 * without text, at times only after the answer has begun (agno-agi/agno#8794, OpenRouterTeam/ai-sdk-provider#423).
 */
function createDetailReader(cumulative: boolean): ThoughtReader {
  const details: Json[] = [];
  let open: Json | undefined;
  let isSigned = false;

  const end = (): StreamEvent[] => {
    const detail = open;
    open = undefined;
    return detail ? [seal(detail)] : [];
  };
  const takePiece = (piece: Json): StreamEvent[] => {
    const text = textOf(piece);
    const late = open || text !== "" ? undefined : details.find((detail) => isSignatureOf(piece, detail));
    if (late) return [sealWhole(Object.assign(late, filled(piece)))];
    if (open && isMore(piece, open)) {
      grow(open, piece, cumulative);
      return toDelta(text);
    }
    const out = end();
    open = { ...piece };
    details.push(open);
    out.push(...toDelta(text));
    return textField(piece) === undefined ? [...out, ...end()] : out;
  };
  return {
    take(delta, isLast) {
      const given = delta.reasoning_details;
      const pieces = Array.isArray(given) ? given.filter(isObject) : [];
      // Beside hidden thoughts the text may stand in the plain field alone.
      const plain = pieces.some((piece) => textOf(piece) !== "")
        ? []
        : readReasoning({ ...delta, reasoning_details: undefined });
      return [...plain, ...pieces.flatMap(takePiece), ...(isLast ? end() : [])];
    },
    end,
    sign(calls) {
      const at = isSigned ? -1 : calls.findIndex(({ type }) => type === "tool-start");
      const call = calls[at];
      if (call?.type !== "tool-start") return calls;
      isSigned = true;
      if (details.length === 0 || call.signature) return calls;
      return calls.with(at, { ...call, signature: toSignature(details) });
    },
  };
}

const PLAIN: ThoughtReader = { take: readReasoning, end: () => [], sign: (calls) => calls };

/** Its text is the thought's, and is put back from there. */
function seal(detail: Json): StreamEvent {
  const field = textField(detail);
  if (field === undefined) return sealWhole(detail);
  const { [field]: _, ...rest } = detail;
  return { type: "thinking-signature", signature: toSignature(rest) };
}

/** A hidden thought, or one whose text was told before its signature came. */
const sealWhole = (detail: Json): StreamEvent => ({
  type: "thinking-signature",
  signature: toSignature(detail),
  redacted: true,
});

const toSignature = (details: unknown) => ({ origin: "openai", value: JSON.stringify(details) });

function grow(open: Json, piece: Json, cumulative: boolean): void {
  const field = textField(piece);
  const before = textOf(open);
  const text = textOf(piece);
  Object.assign(open, filled(piece));
  if (field !== undefined) open[field] = cumulative && text.startsWith(before) ? text : before + text;
}

/** Later pieces leave out, or give as null, what an earlier one said. */
const filled = (piece: Json): Json =>
  Object.fromEntries(Object.entries(piece).filter(([, value]) => value != null));

const isMore = (piece: Json, open: Json): boolean =>
  textField(piece) !== undefined && isSame(piece, open) && open.signature == null;

const isSignatureOf = (piece: Json, detail: Json): boolean =>
  piece.signature != null && detail.signature == null && isSame(piece, detail);

const isSame = (one: Json, other: Json): boolean =>
  one.type === other.type &&
  one.index === other.index &&
  (one.id == null || other.id == null || one.id === other.id);

/** Where a detail's text stands; undefined: it is hidden. */
export function textField({ type }: Json): "text" | "summary" | undefined {
  if (type === "reasoning.text") return "text";
  return type === "reasoning.summary" ? "summary" : undefined;
}

function textOf(detail: Json): string {
  const field = textField(detail);
  const value = field === undefined ? undefined : detail[field];
  return typeof value === "string" ? value : "";
}

const toDelta = (text: string): StreamEvent[] => (text === "" ? [] : [{ type: "thinking-delta", text }]);
