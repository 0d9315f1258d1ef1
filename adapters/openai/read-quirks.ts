import { perModel } from "../per-model.ts";
import { isObject } from "../validate.ts";
import { findQuirks } from "./find-quirks.ts";
import type { BuildOptions } from "../adapter.ts";
import { REASONING_FIELDS, type Quirks } from "./quirks.ts";

/** The quirks in force: defaults, then what is known of provider and model, then what is configured and makes sense. */
export const readQuirks = perModel(gather);

function gather(options: BuildOptions | undefined, model: string): Quirks {
  const quirks = { ...DEFAULTS };
  for (const known of findQuirks(options?.provider, model)) merge(quirks, known);
  if (isObject(options?.quirks)) Object.assign(quirks, readConfigured(options.quirks));
  // Who reads the text itself wants all of it.
  return options?.rawText ? { ...quirks, thinkTags: false } : quirks;
}

/** What is refused or in conflict adds up: provider and model each have their own. */
function merge(quirks: Quirks, more: Partial<Quirks>): void {
  const refuses = [...quirks.refuses, ...(more.refuses ?? [])];
  const unthinking = [...quirks.unthinking, ...(more.unthinking ?? [])];
  Object.assign(quirks, more, { refuses, unthinking });
}

function readConfigured(given: Record<string, unknown>): Partial<Quirks> {
  const read: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(READERS)) {
    const value = Object.hasOwn(given, name) ? reader(given[name]) : undefined;
    if (value !== undefined) read[name] = value;
  }
  return read as Partial<Quirks>;
}

const oneOf =
  <T>(...known: readonly T[]) =>
  (value: unknown): T | undefined =>
    known.find((candidate) => candidate === value);

const someOf =
  <T extends string>(...known: readonly T[]) =>
  (value: unknown): T[] | undefined => {
    if (!Array.isArray(value)) return undefined;
    const some = known.filter((candidate) => value.includes(candidate));
    return some.length || value.length === 0 ? some : undefined;
  };

const flag = oneOf<boolean>(true, false);

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;

const stringOrFalse = (value: unknown): string | false | undefined =>
  value === false || (typeof value === "string" && value !== "") ? value : undefined;

const object = (value: unknown): Record<string, unknown> | undefined => (isObject(value) ? value : undefined);

function stringMap(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function range(value: unknown): [number, number] | undefined {
  if (!Array.isArray(value)) return undefined;
  const [from, to] = value as unknown[];
  return typeof from === "number" && typeof to === "number" && from <= to ? [from, to] : undefined;
}

/** The plain form, for providers of which nothing is known. */
const DEFAULTS: Quirks = {
  maxTokensField: "max_tokens",
  developerRole: false,
  refuses: [],
  rename: {},
  body: {},
  temperatures: undefined,
  extendedSampling: false,
  cacheControl: false,
  customTools: false,
  noStrict: false,
  toolChoice: "all",
  outputs: "all",
  callIds: "any",
  unthinking: [],
  reasoningField: "reasoning_effort",
  efforts: ["low", "medium", "high"],
  // It is what a model that thinks does when nothing is asked; some think only when asked.
  onEffort: "medium",
  budgetField: false,
  thinkingOff: true,
  effortWithTools: "sent",
  sendReasoning: false,
  reasoningDetails: false,
  detailFormats: [],
  lostDetail: undefined,
  blankReasoning: true,
  thinkTags: false,
  cachesPrompts: false,
  cumulative: false,
};

const READERS: { [Name in keyof Quirks]: (value: unknown) => Quirks[Name] | undefined } = {
  maxTokensField: oneOf("max_tokens", "max_completion_tokens"),
  developerRole: flag,
  refuses: strings,
  rename: stringMap,
  body: object,
  temperatures: range,
  extendedSampling: flag,
  cacheControl: flag,
  customTools: flag,
  noStrict: flag,
  toolChoice: oneOf("all", "words", "auto"),
  outputs: oneOf("all", "json_object", "json_schema"),
  callIds: oneOf("any", "nine"),
  unthinking: someOf("forced-tools", "output", "unstreamed"),
  reasoningField: oneOf(...REASONING_FIELDS),
  efforts: someOf("minimal", "low", "medium", "high", "xhigh", "max"),
  onEffort: stringOrFalse,
  budgetField: stringOrFalse,
  thinkingOff: flag,
  effortWithTools: oneOf("sent", "omitted", "none"),
  sendReasoning: (value) =>
    value === true
      ? "reasoning_content"
      : oneOf<Quirks["sendReasoning"]>(false, "reasoning_content", "reasoning", "reasoning_details")(value),
  reasoningDetails: flag,
  detailFormats: strings,
  lostDetail: object,
  blankReasoning: flag,
  thinkTags: flag,
  cachesPrompts: flag,
  cumulative: oneOf<Quirks["cumulative"]>(true, false, "thinking"),
};
