import { GatewayError } from "../errors.ts";
import { goQuote } from "../go-json.ts";
import type { Sampling } from "../unified.ts";
import { compact, type Json } from "../validate.ts";

export interface ParsedOptions {
  sampling?: Sampling;
  /** Options no other protocol has, and values that mean "the default" or "no limit" (`num_predict: -1`). */
  rest?: Json;
}

/** Reads `options`. Keys are case-sensitive here, unlike everywhere else; unknown ones are never looked at. */
export function parseOptions(options: Json | undefined): ParsedOptions {
  if (!options) return {};
  const rest: Json = {};
  const sampling: Sampling = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === null || key === "__proto__") continue;
    checkType(key, value);
    const put = SAMPLING.get(key);
    if (!put?.(sampling, value)) rest[key] = value;
  }
  return compact({
    sampling: Object.keys(sampling).length ? sampling : undefined,
    rest: Object.keys(rest).length ? rest : undefined,
  });
}

/** Ollama finds a wrong type only when it starts the model, and answers 500; here a caller's mistake is told as one. */
function checkType(key: string, value: unknown): void {
  const wanted = TYPES.get(key);
  const wrong = (what: string) =>
    new GatewayError("invalid-request", `option ${goQuote(key)} must be of ${what}`, {
      param: `options.${key}`,
    });
  if (wanted === undefined) return;
  if (wanted === "boolean" && typeof value !== "boolean") throw wrong("type boolean");
  if ((wanted === "integer" || wanted === "float32") && typeof value !== "number")
    throw wrong(`type ${wanted}`);
  if (wanted !== "array") return;
  if (!Array.isArray(value)) throw wrong("type array");
  if (!value.every((item) => typeof item === "string")) throw wrong("an array of strings");
}

const integers =
  "num_keep seed num_predict top_k repeat_last_n num_ctx num_batch num_gpu main_gpu num_thread draft_num_predict";
const floats = "top_p min_p typical_p temperature repeat_penalty presence_penalty frequency_penalty";
const TYPES = new Map<string, "integer" | "float32" | "boolean" | "array">([
  ...integers.split(" ").map((key) => [key, "integer"] as const),
  ...floats.split(" ").map((key) => [key, "float32"] as const),
  ["use_mmap", "boolean"],
  ["stop", "array"],
]);

type Put = (sampling: Sampling, value: unknown) => boolean;
type NumberField = Exclude<keyof Sampling, "stop">;

const float =
  (field: NumberField): Put =>
  (sampling, value) => {
    sampling[field] = value as number;
    return true;
  };
/** Integers come as JSON floats too and are cut; below `least` they mean "as if absent" to Ollama alone. */
const integer =
  (field: NumberField, least: number): Put =>
  (sampling, value) => {
    const whole = Math.trunc(value as number);
    if (whole < least) return false;
    sampling[field] = whole;
    return true;
  };

const SAMPLING = new Map<string, Put>([
  ["temperature", float("temperature")],
  ["top_p", float("topP")],
  ["min_p", float("minP")],
  ["presence_penalty", float("presencePenalty")],
  ["frequency_penalty", float("frequencyPenalty")],
  ["repeat_penalty", float("repeatPenalty")],
  ["top_k", integer("topK", 1)],
  ["seed", integer("seed", 0)],
  ["num_predict", integer("maxTokens", 1)],
  [
    "stop",
    (sampling, value) => {
      const stop = value as string[];
      if (stop.length) sampling.stop = stop;
      return true;
    },
  ],
]);
