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
  let seen = createSeen();

  const tokens = (): number => (size ??= toSize());
  return {
    start(estimate, counts) {
      [toSize, counter, size] = [estimate, counts, undefined];
    },
    begin() {
      seen = createSeen();
    },
    take: (events) => seen.take(events),
    tokens,
    spent() {
      const { usages, before, chars } = seen;
      const told = toSpent(sumUsages(usages));
      if (told) return told;
      if (chars === 0 && usages.length === 0 && !before) return undefined;
      const sample = seen.sample.join("");
      const text = counter?.estimateText(sample) ?? 0;
      const written = sample === "" ? 0 : Math.ceil((text * chars) / sample.length);
      return {
        inputTokens: before?.inputTokens || tokens(),
        outputTokens: Math.max(written, before?.outputTokens ?? 0),
        ...(before?.cachedTokens !== undefined && { cachedTokens: before.cachedTokens }),
        estimated: true,
      };
    },
  };
}

/** What is remembered of events: their counts, and enough of their text to estimate the rest from. */
function createSeen() {
  const seen = {
    usages: [] as (Usage | undefined)[],
    /** What was known before the answer. */
    before: undefined as Usage | undefined,
    chars: 0,
    sample: [] as string[],
    sampled: 0,
    take(events: readonly StreamEvent[]): void {
      for (const event of events) {
        if (event.type === "start") seen.before = event.usage ?? seen.before;
        else if (event.type === "finish") seen.usages.push(event.usage);
        else write(toText(event));
      }
    },
  };
  const write = (text: string): void => {
    seen.chars += text.length;
    if (seen.sampled >= SAMPLE || text === "") return;
    seen.sampled += text.length;
    seen.sample.push(text);
  };
  return seen;
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
  return { inputTokens, outputTokens, ...(cachedTokens !== undefined && { cachedTokens }) };
}

/** Characters. */
const SAMPLE = 8192;
