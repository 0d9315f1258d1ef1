import { toArgsObject } from "../call-args.ts";
import type { MediaPart, Signature } from "../unified.ts";
import { sealThought } from "./seal-thought.ts";
import type { WireCandidate, WirePart, WireResponse } from "./wire.ts";

/** Parts of an answer in order; texts of one kind that follow each other become one part. */
export interface PartList {
  addText: (text: string) => void;
  addThought: (text: string) => void;
  /** Seals the thought before it; of a hidden thought it is all there is. */
  addSeal: (signature: Signature, redacted?: boolean) => void;
  addCall: (call: { id: string; name: string; args: string; signature?: Signature }) => void;
  addMedia: (media: MediaPart) => void;
  /** The parts added since the last time. */
  take: () => WirePart[];
}

export function createParts(): PartList {
  let parts: WirePart[] = [];
  const addText = (text: string, thought: boolean): void => {
    if (text === "") return;
    const last = parts.at(-1);
    const grows = last?.text !== undefined && (last.thought ?? false) === thought && !last.thoughtSignature;
    if (grows) last.text += text;
    else parts.push({ text, ...(thought && { thought }) });
  };
  return {
    addText: (text) => addText(text, false),
    addThought: (text) => addText(text, true),
    addSeal(signature, redacted) {
      const thoughtSignature = sealThought(signature, redacted);
      const last = parts.at(-1);
      if (last?.thought && !last.thoughtSignature && !redacted) last.thoughtSignature = thoughtSignature;
      else parts.push({ text: "", thought: true, thoughtSignature });
    },
    addCall({ id, name, args, signature }) {
      parts.push({
        functionCall: { ...(id !== "" && { id }), name, args: toArgsObject(args) },
        ...(signature && { thoughtSignature: sealThought(signature) }),
      });
    },
    addMedia: (media) => parts.push(toMediaPart(media)),
    take() {
      const taken = parts;
      parts = [];
      return taken;
    },
  };
}

export function toMediaPart({ mimeType, source }: MediaPart): WirePart {
  if (source.kind === "base64") return { inlineData: { mimeType, data: source.data } };
  // The API knows no wildcards, but finds the type out by itself.
  const isKnown = !mimeType.endsWith("/*");
  return { fileData: { ...(isKnown && { mimeType }), fileUri: source.url } };
}

/** One whole wire response: an answer, or a piece of one. Never without a part, which clients index into. */
export function toResponse(
  parts: WirePart[],
  ids: { model: string; id: string },
  rest: Partial<WireCandidate> & Pick<WireResponse, "usageMetadata">,
): WireResponse {
  const { usageMetadata, ...candidate } = rest;
  return {
    candidates: [
      { content: { role: "model", parts: parts.length ? parts : [{ text: "" }] }, ...candidate, index: 0 },
    ],
    ...(usageMetadata && { usageMetadata }),
    modelVersion: ids.model,
    responseId: ids.id,
  };
}
