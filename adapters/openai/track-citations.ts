import { isObject, type Json } from "../validate.ts";
import type { Citation, StreamEvent } from "../unified.ts";

export interface CitationTracker {
  /** Content as the provider wrote it: its ranges count in that. */
  read: (events: StreamEvent[]) => void;
  /** What became of it. */
  told: (events: StreamEvent[]) => void;
  /** Both, of so many characters of text that were told as they were written. */
  wrote: (length: number) => void;
  /** `annotations` of one delta or message: what is about the text told last comes at once. */
  take: (annotations: unknown) => StreamEvent[];
  /** Sources of the whole answer, beside the choices (Perplexity's and xAI's `citations`, `search_results`). */
  takeSources: (chunk: Json) => void;
  /** What was held, once the text is over. */
  release: () => StreamEvent[];
}

/**
 * The sources of an answer as events right behind the text they are about, each once. Providers give them with the
 * first chunk, with every one or with the last; their ranges count from the beginning of the message's content, ours
 * from that of the text.
 */
export function createCitationTracker(): CitationTracker {
  // Most answers have none.
  let known: { seen: Set<string>; cited: Set<string>; sources: Map<string, Citation> } | undefined;
  const toKnown = () => (known ??= { seen: new Set(), cited: new Set(), sources: new Map() });
  let held: Citation[] = [];
  /** Characters of the content so far, and of the text that is still open. */
  let content = 0;
  let text: number | undefined;
  let spoke = false;

  const toEvent = (citation: Citation): StreamEvent => ({
    type: "citation",
    citation: toOwnRange(citation, content - (text ?? 0), text ?? 0),
  });
  const releaseHeld = (): StreamEvent[] => {
    const events = held.map(toEvent);
    held = [];
    return events;
  };
  return {
    read(events) {
      for (const event of events) if (event.type === "text-delta") content += event.text.length;
    },
    told(events) {
      for (const event of events) {
        text = event.type === "text-delta" ? (text ?? 0) + event.text.length : undefined;
        spoke ||= text !== undefined;
      }
    },
    wrote(length) {
      content += length;
      text = (text ?? 0) + length;
      spoke = true;
    },
    take(annotations) {
      if (!Array.isArray(annotations)) return [];
      for (const annotation of annotations) {
        const citation = readAnnotation(annotation);
        if (!citation?.url) continue;
        const { seen, cited } = toKnown();
        const key = `${citation.start} ${citation.end} ${citation.url}`;
        if (seen.has(key)) continue;
        seen.add(key);
        cited.add(citation.url);
        held.push(citation);
      }
      return text === undefined ? [] : releaseHeld();
    },
    takeSources(chunk) {
      for (const list of [chunk.search_results, chunk.citations]) {
        if (!Array.isArray(list)) continue;
        for (const item of list) {
          const source = readSource(item);
          if (!source?.url) continue;
          const { sources } = toKnown();
          if (!sources.has(source.url)) sources.set(source.url, source);
        }
      }
    },
    release() {
      if (!spoke || !known) return [];
      const { cited, sources } = known;
      const events = releaseHeld();
      for (const [url, source] of sources) {
        if (cited.has(url)) continue;
        cited.add(url);
        events.push({ type: "citation", citation: source });
      }
      return events;
    },
  };
}

/** A range in the content as one in the text that is open; none where it is about an earlier text. */
function toOwnRange(citation: Citation, offset: number, length: number): Citation {
  const { start, end, ...source } = citation;
  if (start === undefined || end === undefined || start < offset || end > offset + length) return source;
  return { ...source, start: start - offset, end: end - offset };
}

function readAnnotation(annotation: unknown): Citation | undefined {
  if (!isObject(annotation) || annotation.type !== "url_citation") return undefined;
  const body = isObject(annotation.url_citation) ? annotation.url_citation : annotation;
  const { start_index: start, end_index: end } = body;
  const hasRange = isIndex(start) && isIndex(end) && start < end;
  return { ...readSource(body), ...(hasRange && { start, end }) };
}

/** A URL alone, or with what is known of it. */
function readSource(source: unknown): Citation | undefined {
  if (typeof source === "string") return source === "" ? undefined : { url: source };
  if (!isObject(source) || typeof source.url !== "string" || source.url === "") return undefined;
  const { url, title } = source;
  const quote = [source.content, source.snippet].find((text) => typeof text === "string" && text !== "");
  return {
    url,
    ...(typeof title === "string" && title !== "" && { title }),
    ...(typeof quote === "string" && { quote }),
  };
}

const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
