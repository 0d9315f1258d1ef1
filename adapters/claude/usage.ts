import type { Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import type { WireDeltaUsage, WireUsage } from "./wire.ts";

/** Claude counts cached tokens beside `input_tokens`, we count them in. */
export function toUsage(counts: Counts): Usage {
  const { input, output, read, written, thoughts } = counts;
  return {
    inputTokens: (input ?? 0) + (read ?? 0) + (written ?? 0),
    outputTokens: output ?? 0,
    ...(read !== undefined && { cachedTokens: read }),
    ...(written !== undefined && { cacheWriteTokens: written }),
    ...(thoughts !== undefined && { reasoningTokens: thoughts }),
  };
}

export interface Counts {
  input?: number;
  output?: number;
  read?: number;
  written?: number;
  thoughts?: number;
}

/** The counts of a wire usage over those known so far: they are totals, and zeros of stand-ins do not undo them. */
export function readCounts(usage: unknown, known: Counts | undefined): Counts | undefined {
  if (!isObject(usage)) return known;
  const details = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return {
    input: newer(usage.input_tokens, known?.input),
    output: newer(usage.output_tokens, known?.output),
    read: newer(usage.cache_read_input_tokens, known?.read),
    written: newer(usage.cache_creation_input_tokens, known?.written),
    thoughts: newer(details.thinking_tokens, known?.thoughts),
  };
}

const newer = (value: unknown, known: number | undefined): number | undefined =>
  typeof value === "number" && value >= 0 ? value || (known ?? 0) : known;

export interface UsageOptions {
  /** What Claude said of its service beside the counts. */
  own: unknown;
  beta: boolean;
}

/** A whole message's usage, or what is known of it at its start. */
export function writeUsage(usage: Usage | undefined, { own, beta }: UsageOptions): WireUsage {
  const counts = writeCounts(usage);
  const written = counts.cache_creation_input_tokens;
  const all = {
    input_tokens: counts.input_tokens,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: counts.cache_read_input_tokens,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: counts.output_tokens,
    output_tokens_details: counts.output_tokens_details,
    server_tool_use: null,
    service_tier: "standard",
    // Anthropic's own word where it does not tell the place.
    inference_geo: "not_available",
    speed: null,
  };
  return beta || isObject(own) ? { ...all, ...(beta && BETA), ...(isObject(own) && own) } : all;
}

/** The usage of a `message_delta`. */
export function writeDeltaUsage(usage: Usage | undefined, { own, beta }: UsageOptions): WireDeltaUsage {
  const counts = writeCounts(usage);
  return beta || isObject(own) ? { ...counts, ...(beta && BETA), ...pickAtEnd(own) } : counts;
}

function writeCounts(usage: Usage | undefined): WireDeltaUsage {
  const read = usage?.cachedTokens ?? 0;
  const written = usage?.cacheWriteTokens ?? 0;
  const thoughts = usage?.reasoningTokens;
  return {
    input_tokens: Math.max(0, (usage?.inputTokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage?.outputTokens ?? 0,
    output_tokens_details: thoughts === undefined ? null : { thinking_tokens: thoughts },
    server_tool_use: null,
  };
}

/** What Claude tells at the end; the rest stood in `message_start`. */
const pickAtEnd = (own: unknown): Json =>
  isObject(own) ? Object.fromEntries(AT_END.flatMap((key) => (key in own ? [[key, own[key]]] : []))) : {};

const BETA = { iterations: null, fallback_credit: null };
const AT_END = ["server_tool_use", "iterations", "fallback_credit"];
