import type { Effort, Output, Sampling, Thinking, UnifiedRequest } from "../unified.ts";
import {
  compact,
  invalid,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  unknownFields,
  type Json,
} from "../validate.ts";
import { bothSpellings, readField } from "./read-field.ts";
import { readNumber } from "./read-number.ts";
import { toJsonSchema } from "./to-json-schema.ts";

export interface ParsedConfig extends Pick<
  UnifiedRequest,
  "sampling" | "thinking" | "output" | "logprobs" | "choices"
> {
  /** What of it only Gemini understands. */
  rest?: Json;
}

export function parseConfig(value: unknown): ParsedConfig {
  const config = optionalObject(value, "generationConfig") ?? {};
  const read = (name: string): [unknown, string] => [readField(config, name), `generationConfig.${name}`];
  const readCount = (name: string): [unknown, string] => [
    readNumber(readField(config, name)),
    `generationConfig.${name}`,
  ];
  const sampling = compact<Sampling>({
    temperature: optionalNumber(...readCount("temperature")),
    topP: optionalNumber(...readCount("topP")),
    topK: optionalNumber(...readCount("topK")),
    seed: optionalInteger(...readCount("seed")),
    maxTokens: optionalInteger(...readCount("maxOutputTokens")),
    stop: optionalStrings(...read("stopSequences")),
    presencePenalty: optionalNumber(...readCount("presencePenalty")),
    frequencyPenalty: optionalNumber(...readCount("frequencyPenalty")),
  });
  const wantsLogprobs = optionalBoolean(...read("responseLogprobs")) === true;
  const mimeType = optionalString(...read("responseMimeType"));
  // One word out of a list is no JSON: only Gemini has that.
  const isEnum = mimeType === "text/x.enum";
  return compact<ParsedConfig>({
    sampling: Object.keys(sampling).length ? sampling : undefined,
    thinking: parseThinking(...read("thinkingConfig")),
    output: isEnum ? undefined : parseOutput(config, mimeType),
    logprobs: wantsLogprobs ? compact({ top: optionalInteger(...readCount("logprobs")) }) : undefined,
    choices: optionalInteger(...readCount("candidateCount")),
    rest: unknownFields(config, isEnum ? KNOWN_BUT_FORMAT : KNOWN),
  });
}

/** A budget of 0 means none, −1 as much as the model likes; levels are the newer models' way to say it. */
function parseThinking(value: unknown, where: string): Thinking | undefined {
  const config = optionalObject(value, where);
  if (!config) return undefined;
  const includes = optionalBoolean(readField(config, "includeThoughts"), `${where}.includeThoughts`);
  const budget = optionalInteger(readNumber(readField(config, "thinkingBudget")), `${where}.thinkingBudget`);
  const effort = readLevel(readField(config, "thinkingLevel"), `${where}.thinkingLevel`);
  if (budget === 0) return { mode: "off" };
  if (!includes && budget === undefined && effort === undefined) return undefined;
  return compact<Thinking>({
    mode: "on",
    effort,
    budgetTokens: budget !== undefined && budget > 0 ? budget : undefined,
    visible: includes === true,
  });
}

function readLevel(value: unknown, where: string): Effort | undefined {
  const level = optionalString(value, where)?.toLowerCase();
  if (level === undefined || level === "" || level === "thinking_level_unspecified") return undefined;
  const effort = LEVELS.find((known) => known === level);
  if (effort === undefined) throw invalid(where, '"MINIMAL", "LOW", "MEDIUM" or "HIGH"', value);
  return effort;
}

/** A schema asks for JSON even where the media type was forgotten. */
function parseOutput(config: Json, mimeType: string | undefined): Output | undefined {
  const where = "generationConfig.responseSchema";
  const own = optionalObject(readField(config, "responseSchema"), where);
  const given = readField(config, "responseJsonSchema") ?? config._responseJsonSchema;
  const schema = optionalObject(given, "generationConfig.responseJsonSchema") ?? (own && toJsonSchema(own));
  if (schema) return { type: "json-schema", schema };
  return mimeType === "application/json" ? { type: "json" } : undefined;
}

const LEVELS: readonly Effort[] = ["minimal", "low", "medium", "high"];
const FORMAT = ["responseMimeType", "responseSchema", "responseJsonSchema", "_responseJsonSchema"];
const OTHERS = [
  "temperature",
  "topP",
  "topK",
  "seed",
  "maxOutputTokens",
  "stopSequences",
  "presencePenalty",
  "frequencyPenalty",
  "responseLogprobs",
  "logprobs",
  "thinkingConfig",
  "candidateCount",
];
const KNOWN = bothSpellings(...OTHERS, ...FORMAT);
const KNOWN_BUT_FORMAT = bothSpellings(...OTHERS);
