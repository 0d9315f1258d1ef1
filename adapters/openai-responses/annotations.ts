import type { Citation } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { PROTOCOL } from "./wire.ts";

/** Where a text part begins in the text that its sources' places count from. */
export interface Offset {
  /** In the text as everybody reads it: what other protocols do not know does not interrupt it. */
  text: number;
  /** In the message item of a client of this protocol. */
  item: number;
}

/** The sources of a whole text part. */
export function parseAnnotations(annotations: unknown): Citation[] {
  if (!Array.isArray(annotations)) return [];
  return annotations.filter(isObject).map((annotation) => parseAnnotation(annotation, { text: 0, item: 0 }));
}

/** One source; without `offset` the place it has is not known in the text it goes to. */
export function parseAnnotation(annotation: Json, offset: Offset | undefined): Citation {
  const { url, title, filename, start_index: start, end_index: end } = annotation;
  const hasPlace = offset !== undefined && typeof start === "number" && typeof end === "number";
  const name = [title, filename].find((text) => typeof text === "string");
  return {
    ...(typeof url === "string" && { url }),
    ...(typeof name === "string" && { title: name }),
    ...(hasPlace && { start: start + offset.text, end: end + offset.text }),
    native: { origin: PROTOCOL, body: move(annotation, offset?.item ?? 0) },
  };
}

/** The annotations of a whole text, in the order in which a stream tells them: those without a place come last. */
export function writeAnnotations(citations: Citation[] = [], length: number): Json[] {
  const sorted = [...citations.filter(hasPlace), ...citations.filter((citation) => !hasPlace(citation))];
  return sorted
    .map((citation) => writeAnnotation(citation, length))
    .filter((annotation) => annotation !== undefined);
}

/**
 * A source as an annotation; undefined for one that has neither address nor name, which there is no form for. A
 * document that is no file of the API has no id. `length` is that of the text, for sources that are about all of it.
 */
export function writeAnnotation(
  { url, title, start, end, native }: Citation,
  length: number,
): Json | undefined {
  if (native?.origin === PROTOCOL && isObject(native.body)) return native.body;
  if (url !== undefined) {
    const place = { end_index: end ?? length, start_index: start ?? 0 };
    return { type: "url_citation", ...place, title: title ?? "", url };
  }
  if (title === undefined) return undefined;
  return { type: "file_citation", file_id: "", filename: title, index: end ?? length };
}

/** Is everything known of the annotation before its text is whole? */
export const hasPlace = ({ start, end, native }: Citation): boolean =>
  native?.origin === PROTOCOL || (start !== undefined && end !== undefined);

const PLACES = ["start_index", "end_index", "index"];

function move(annotation: Json, offset: number): Json {
  if (offset === 0) return annotation;
  const moved = { ...annotation };
  for (const key of PLACES) {
    const place = moved[key];
    if (typeof place === "number") moved[key] = place + offset;
  }
  return moved;
}
