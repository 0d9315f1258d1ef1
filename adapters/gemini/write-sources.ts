import type { Citation } from "../unified.ts";
import type { Json } from "../validate.ts";
import { createUtf8Offsets } from "./utf8-offsets.ts";

export interface SourceWriter {
  /** A text that is complete, and where its part of the answer has it. */
  addText: (text: string, citations: readonly Citation[], place: TextPlace) => void;
  /** The candidate's fields about all that came. */
  end: () => { groundingMetadata?: Json };
}

export interface TextPlace {
  /** Which part of the whole answer, from 0. */
  partIndex: number;
  /** Bytes of the part in front of the text. */
  offset: number;
}

/** Other protocols' citations → `groundingMetadata`, told once and at the end, as Gemini does. */
export function createSourceWriter(): SourceWriter {
  const chunks = new Map<string, { index: number; chunk: Json }>();
  const supports: Json[] = [];

  const toIndex = (citation: Citation): number => {
    const chunk = toChunk(citation);
    const key = JSON.stringify(chunk);
    const known = chunks.get(key) ?? { index: chunks.size, chunk };
    chunks.set(key, known);
    return known.index;
  };
  return {
    addText(text, citations, { partIndex, offset }) {
      const bySegment = new Map<string, Set<number>>();
      for (const citation of citations) {
        if (isBlank(citation)) continue;
        const index = toIndex(citation);
        const start = Math.max(0, citation.start ?? 0);
        const end = Math.min(text.length, citation.end ?? text.length);
        if (end <= start) continue;
        const indices = bySegment.get(`${start},${end}`) ?? new Set<number>();
        bySegment.set(`${start},${end}`, indices.add(index));
      }
      if (bySegment.size === 0) return;
      const { toBytes } = createUtf8Offsets(text);
      for (const [range, indices] of bySegment) {
        const [start = 0, end = 0] = range.split(",").map(Number);
        supports.push({
          segment: {
            ...(partIndex > 0 && { partIndex }),
            startIndex: offset + toBytes(start),
            endIndex: offset + toBytes(end),
            text: text.slice(start, end),
          },
          groundingChunkIndices: [...indices],
        });
      }
    },
    end() {
      if (chunks.size === 0) return {};
      const groundingChunks = [...chunks.values()].map(({ chunk }) => chunk);
      return {
        groundingMetadata: { groundingChunks, ...(supports.length && { groundingSupports: supports }) },
      };
    },
  };
}

/** A page by its address, anything else as what was retrieved. */
function toChunk({ url, title, quote }: Citation): Json {
  if (url !== undefined) return { web: { uri: url, title: title ?? toHost(url) } };
  return {
    retrievedContext: { ...(title !== undefined && { title }), ...(quote !== undefined && { text: quote }) },
  };
}

/** What Google itself gives for a page's title. */
function toHost(url: string): string {
  try {
    return new URL(url).hostname || url;
  } catch {
    return url;
  }
}

const isBlank = ({ url, title, quote }: Citation): boolean =>
  url === undefined && title === undefined && quote === undefined;
