import type { Citation, StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { mergeFields } from "./merge-fields.ts";
import { readField } from "./read-field.ts";
import { createUtf8Offsets } from "./utf8-offsets.ts";

export interface SourceReader {
  /** Reads what a candidate says about its sources. */
  take: (candidate: Json) => void;
  /** Follows the events from `from` on, to know the text that is open, and tells the sources of it behind them. */
  follow: (events: StreamEvent[], from: number) => void;
  /** The end: what was said while no text was open stands alone. */
  close: (events: StreamEvent[]) => void;
}

/**
 * `groundingMetadata`, `citationMetadata` and `urlContextMetadata` → citations. They come behind the text, perhaps in
 * several chunks that repeat each other. Gemini's own clients get them as they are (`native-end.ts`).
 */
export function createSourceReader(): SourceReader {
  const told = new Set<string>();
  let text: string | undefined;
  let held: Json | undefined;

  const tell = (events: StreamEvent[]): void => {
    for (const citation of held ? toCitations(held, text ?? "") : []) {
      const key = JSON.stringify([citation.url, citation.title, citation.start, citation.end]);
      if (told.has(key)) continue;
      told.add(key);
      events.push({ type: "citation", citation });
    }
    held = undefined;
  };
  return {
    take(candidate) {
      for (const name of FIELDS) {
        const value = readField(candidate, name);
        if (isObject(value)) held = mergeFields(held ?? {}, { [name]: value });
      }
    },
    follow(events, from) {
      for (const event of events.slice(from)) {
        if (event.type === "text-delta") text = (text ?? "") + event.text;
        else if (!BESIDE.has(event.type)) text = undefined;
      }
      if (text !== undefined) tell(events);
    },
    close: tell,
  };
}

function toCitations(body: Json, text: string): Citation[] {
  const find = createPlaces(text);
  const grounding = isObject(body.groundingMetadata) ? body.groundingMetadata : {};
  const sources = listOf(readField(grounding, "groundingChunks")).map(readChunk);
  const cited = new Set<number>();
  const supported = listOf(readField(grounding, "groundingSupports")).flatMap((support) => {
    if (!isObject(support)) return [];
    const place = find(readField(support, "segment"));
    return listOf(readField(support, "groundingChunkIndices")).flatMap((index) => {
      const source = typeof index === "number" ? sources[index] : undefined;
      if (!source) return [];
      cited.add(Number(index));
      return [{ ...source, ...place }];
    });
  });
  const others = sources.flatMap((source, index) => (source && !cited.has(index) ? [source] : []));
  const recited = isObject(body.citationMetadata) ? body.citationMetadata : {};
  const quoted = listOf(readField(recited, "citationSources") ?? recited.citations).flatMap((item) => {
    const source = isObject(item) ? toSource(item.uri, item.title) : undefined;
    return source ? [{ ...source, ...find(item) }] : [];
  });
  const known = [...supported, ...others, ...quoted];
  return [...known, ...readPages(body.urlContextMetadata, new Set(known.map(({ url }) => url)))];
}

/** Pages the model has read because they were named to it. */
function readPages(metadata: unknown, known: ReadonlySet<string | undefined>): Citation[] {
  if (!isObject(metadata)) return [];
  return listOf(readField(metadata, "urlMetadata")).flatMap((page) => {
    if (!isObject(page) || readField(page, "urlRetrievalStatus") !== "URL_RETRIEVAL_STATUS_SUCCESS")
      return [];
    const source = toSource(readField(page, "retrievedUrl"), undefined);
    return source && !known.has(source.url) ? [source] : [];
  });
}

function readChunk(chunk: unknown): Citation | undefined {
  if (!isObject(chunk)) return undefined;
  const { web, maps, image } = chunk;
  const context = readField(chunk, "retrievedContext");
  if (isObject(web)) return toSource(web.uri, web.title);
  if (isObject(context)) return toSource(context.uri, context.title, context.text);
  if (isObject(maps)) return toSource(maps.uri, maps.title, maps.text);
  if (isObject(image))
    return toSource(readField(image, "sourceUri") ?? readField(image, "imageUri"), image.title);
  return undefined;
}

function toSource(uri: unknown, title: unknown, text?: unknown): Citation | undefined {
  const source = {
    ...(isText(uri) && { url: uri }),
    ...(isText(title) && { title }),
    ...(isText(text) && { quote: text }),
  };
  return Object.keys(source).length ? source : undefined;
}

/**
 * Where a segment stands. Its words, where they are given, decide: providers count from the beginning of the part, of
 * the text, or in characters. What is not found on the way forward is not looked for again.
 */
function createPlaces(text: string): (segment: unknown) => Pick<Citation, "start" | "end"> {
  const offsets = createUtf8Offsets(text);
  let from = 0;
  let isLost = false;
  return (segment) => {
    if (!isObject(segment) || text === "") return {};
    const start = offsets.toUnits(count(readField(segment, "startIndex")));
    const words = segment.text;
    if (!isText(words)) {
      const end = offsets.toUnits(count(readField(segment, "endIndex")));
      return end > start ? { start, end } : {};
    }
    if (text.startsWith(words, start)) return { start, end: start + words.length };
    const found = isLost ? -1 : text.indexOf(words, from);
    isLost ||= found === -1;
    if (found === -1) return {};
    from = found;
    return { start: found, end: found + words.length };
  };
}

const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const FIELDS = ["groundingMetadata", "citationMetadata", "urlContextMetadata"];
/** Events that end no text. */
const BESIDE = new Set(["start", "citation", "logprobs"]);
