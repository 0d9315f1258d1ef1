import { toArgsObject } from "../call-args.ts";
import type { MediaPart, Native, Signature } from "../unified.ts";
import { isObject } from "../validate.ts";
import { sealThought } from "./seal-thought.ts";
import { PROTOCOL, type WirePart } from "./wire.ts";
import type { TextPlace } from "./write-sources.ts";

/** Parts of an answer in order; texts of one kind that follow each other become one part. */
export interface PartList {
  addText: (text: string) => void;
  /** A text is complete that was added piece by piece: where it stands in the whole answer. */
  endText: (text: string) => TextPlace;
  addThought: (text: string) => void;
  /** Seals the thought before it; of a hidden thought it is all there is. */
  addSeal: (signature: Signature, redacted?: boolean) => void;
  addCall: (call: { id: string; name: string; args: string; signature?: Signature }) => void;
  addMedia: (media: MediaPart) => void;
  /** A part as a Gemini provider wrote it, and the text behind it that only says the same to others. */
  addNative: (native: Native) => void;
  /** The parts added since the last time. */
  take: () => WirePart[];
  /** The same at the end of the answer. */
  end: () => WirePart[];
}

/** `hidesThoughts`: the client asked for none, so their seals come on the part behind them, as Gemini does it. */
export function createParts({ hidesThoughts }: { hidesThoughts: boolean }): PartList {
  let parts: WirePart[] = [];
  let seals: string[] = [];
  let partIndex = -1;
  let kind: "text" | "thought" | undefined;
  let offset = 0;
  let said = "";

  const begin = (next: typeof kind): void => {
    if (next !== undefined && next === kind) return;
    kind = next;
    offset = 0;
    partIndex++;
  };
  const push = (part: WirePart, next?: typeof kind): void => {
    begin(next);
    parts.push(part);
  };
  const pushSeals = (all: string[]): void => {
    for (const thoughtSignature of all) push({ text: "", thought: true, thoughtSignature });
  };
  /** The seal that the next part takes along; the others stand for themselves. */
  const takeSeal = (): { thoughtSignature?: string } => {
    const [last] = seals.splice(-1);
    pushSeals(seals);
    seals = [];
    return last === undefined ? {} : { thoughtSignature: last };
  };
  /** What of a text was not said by a native part already. */
  const unsaid = (text: string): string => {
    const isSaid = said.startsWith(text);
    const rest = isSaid ? "" : text.startsWith(said) ? text.slice(said.length) : text;
    said = isSaid ? said.slice(text.length) : "";
    return rest;
  };
  const addText = (text: string, thought: boolean): void => {
    if (text === "") return;
    const seal = thought ? {} : takeSeal();
    const last = parts.at(-1);
    const grows = kind === (thought ? "thought" : "text") && last?.text !== undefined;
    if (grows) last.text += text;
    else push({ text, ...(thought && { thought }), ...seal }, thought ? "thought" : "text");
  };
  const take = (): WirePart[] => {
    const taken = parts;
    parts = [];
    return taken;
  };
  return {
    addText: (text) => addText(unsaid(text), false),
    endText(text) {
      const place = { partIndex: Math.max(0, partIndex), offset };
      offset += Buffer.byteLength(text);
      return place;
    },
    addThought(text) {
      if (!hidesThoughts) addText(text, true);
    },
    addSeal(signature, redacted) {
      if (hidesThoughts) {
        kind = undefined;
        seals.push(sealThought(signature, redacted ? "redacted" : "thought"));
        return;
      }
      const thoughtSignature = sealThought(signature, redacted ? "redacted" : undefined);
      const last = parts.at(-1);
      if (kind !== "thought" || redacted) push({ text: "", thought: true, thoughtSignature });
      else if (last) last.thoughtSignature = thoughtSignature;
      // Its thought has been taken already, in pieces.
      else parts.push({ text: "", thought: true, thoughtSignature });
      kind = undefined;
    },
    addCall({ id, name, args, signature }) {
      if (signature) pushSeals(seals.splice(0));
      const seal = signature ? { thoughtSignature: sealThought(signature) } : takeSeal();
      push({ functionCall: { ...(id !== "" && { id }), name, args: toArgsObject(args) }, ...seal });
    },
    addMedia: (media) => push({ ...toMediaPart(media), ...takeSeal() }),
    addNative({ body }) {
      if (!isObject(body) || !isObject(body.part)) return;
      push(body.part as WirePart);
      said = typeof body.said === "string" ? body.said : "";
    },
    take,
    end() {
      pushSeals(seals.splice(0));
      return take();
    },
  };
}

export function toMediaPart({ mimeType, source, native }: MediaPart): WirePart {
  if (native?.origin === PROTOCOL && isObject(native.body)) return native.body as WirePart;
  if (source.kind === "base64") return { inlineData: { mimeType, data: source.data } };
  // The API knows no wildcards, but finds the type out by itself.
  const isKnown = !mimeType.endsWith("/*");
  return { fileData: { ...(isKnown && { mimeType }), fileUri: source.url } };
}
