import type { Citation } from "../unified.ts";
import type { WireAnnotation } from "./wire.ts";

/**
 * The sources of one text of the answer. `at` is where it stands in the message's content: ranges count from the
 * content's beginning there. A source without a URL has no form in chat completions.
 */
export function writeAnnotations(
  citations: readonly Citation[],
  { at, length }: { at: number; length: number },
): WireAnnotation[] {
  return citations.flatMap(({ url, title, quote, start = 0, end = length }) =>
    url === undefined
      ? []
      : [
          {
            type: "url_citation" as const,
            url_citation: {
              end_index: at + Math.min(end, length),
              start_index: at + Math.min(start, length),
              title: title ?? url,
              url,
              // OpenRouter's field for the words of the source.
              ...(quote !== undefined && { content: quote }),
            },
          },
        ],
  );
}
