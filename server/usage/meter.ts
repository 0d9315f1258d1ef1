import { sumUsages } from "../../adapters/sum-usages.ts";
import type { StreamEvent, Usage } from "../../adapters/unified.ts";
import type { TokenCounter } from "./token-counter.ts";

/** What a request used. */
export interface Spent {
  inputTokens: number;
  outputTokens: number;
  cachedTokens?: number;
  /** The provider did not say, or not all of it: counted by us. */
  estimated?: true;
}

/** Measures one request: the provider's numbers where it gives any, else what can be told from what was seen. */
export interface Meter {
  /** `size`: the request's estimated tokens; worked out only where somebody needs it. */
  start: (size: () => number, counter: TokenCounter) => void;
  /** A provider is about to be asked: what one before it said does not count. */
  begin: () => void;
  /** Takes an answer's events as they pass. */
  take: (events: readonly StreamEvent[]) => void;
  /** The request's estimated size. */
  tokens: () => number;
  /** undefined: no provider has begun to answer. */
  spent: () => Spent | undefined;
}

export function createMeter(): Meter {
  let toSize = (): number => 0;
  let counter: TokenCounter | undefined;
  let size: number | undefined;
  // What is remembered of events: their counts, and enough of their text to estimate the rest from.
  let usages: (Usage | undefined)[] | undefined;
  let before: Usage | undefined;
  let chars = 0;
  let sample: string[] | undefined;
  let sampled = 0;

  const tokens = (): number => (size ??= toSize());
  const write = (text: string): void => {
    chars += text.length;
    if (sampled >= SAMPLE || text === "") return;
    sampled += text.length;
    (sample ??= []).push(text);
  };
  return {
    start(estimate, counts) {
      toSize = estimate;
      counter = counts;
      size = undefined;
    },
    begin() {
      usages = before = sample = undefined;
      chars = sampled = 0;
    },
    take(events) {
      for (const event of events) {
        if (event.type === "start") before = event.usage ?? before;
        else if (event.type === "finish") (usages ??= []).push(event.usage);
        else write(toText(event));
      }
    },
    tokens,
    spent() {
      const told = usages && toSpent(sumUsages(usages));
      if (told) return told;
      if (chars === 0 && !usages && !before) return undefined;
      const seen = sample?.join("") ?? "";
      const text = counter?.estimateText(seen) ?? 0;
      const written = seen === "" ? 0 : Math.ceil((text * chars) / seen.length);
      return {
        inputTokens: before?.inputTokens || tokens(),
        outputTokens: Math.max(written, before?.outputTokens ?? 0),
        ...(before?.cachedTokens !== undefined && { cachedTokens: before.cachedTokens }),
        estimated: true,
      };
    },
  };
}

function toText(event: StreamEvent): string {
  switch (event.type) {
    case "text-delta":
    case "thinking-delta":
    case "refusal-delta":
      return event.text;
    case "tool-start":
      return event.name;
    case "tool-delta":
      return event.json;
    default:
      return "";
  }
}

/** Zeros are what some write who do not count. */
function toSpent(usage: Usage | undefined): Spent | undefined {
  if (!usage || (usage.inputTokens === 0 && usage.outputTokens === 0)) return undefined;
  const { inputTokens, outputTokens, cachedTokens } = usage;
  return { inputTokens, outputTokens, cachedTokens };
}

/** Characters. */
const SAMPLE = 8192;
