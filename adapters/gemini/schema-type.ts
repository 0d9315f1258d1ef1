import type { Json } from "../validate.ts";

export type Kind = "object" | "array" | "string" | "integer" | "number" | "boolean" | "null";

/** The types of a schema, `null` told apart: Gemini says `nullable`. */
export function readType(schema: Json): { kinds: Kind[]; nullable: boolean } {
  const listed: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const known = [...new Set(listed.flatMap((type) => KINDS.find((kind) => isSame(kind, type)) ?? []))];
  const kinds = known.filter((kind) => kind !== "null");
  const nullable = schema.nullable === true || (kinds.length > 0 && kinds.length < known.length);
  return { kinds: kinds.length ? kinds : known, nullable };
}

const isSame = (kind: Kind, type: unknown): boolean =>
  typeof type === "string" && type.toLowerCase() === kind;

export interface EnumValues {
  /** The values, where they may be enumerated: only those of strings may. */
  strings: string[];
  /** `null` is one of them. */
  nullable: boolean;
  /** Their type, for a schema that does not say. */
  kinds: Kind[];
  /** The values in words, where they may not be enumerated. */
  told?: string;
}

/**
 * `enum` and `const`. Numbers as strings would make the model call with strings, so they are told in words and given as
 * a range.
 */
export function readEnum(schema: Json, kinds: readonly Kind[]): EnumValues {
  const listed: unknown[] = Array.isArray(schema.enum)
    ? schema.enum
    : "const" in schema
      ? [schema.const]
      : [];
  const values = listed.filter((value) => value !== null);
  const nullable = values.length < listed.length;
  if (values.length === 0) return { strings: [], nullable, kinds: [] };
  const own = kinds.length ? [...kinds] : guessKinds(values);
  if (own.length === 1 && own[0] === "string") {
    const strings = [
      ...new Set(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)))),
    ];
    return { strings: strings.filter((value) => value !== ""), nullable, kinds: own };
  }
  return { strings: [], nullable, kinds: own, told: `one of: ${JSON.stringify(values).slice(1, -1)}` };
}

function guessKinds(values: readonly unknown[]): Kind[] {
  if (values.every((value) => typeof value === "number")) {
    return values.every((value) => Number.isInteger(value)) ? ["integer"] : ["number"];
  }
  if (values.every((value) => typeof value === "boolean")) return ["boolean"];
  return values.some((value) => typeof value === "object") ? [] : ["string"];
}

/** Bounds are inclusive in Gemini's schemas. */
export function readRange(schema: Json, kind: "integer" | "number"): Json {
  const step = kind === "integer" ? 1 : 0;
  const low = toBound(schema.minimum, schema.exclusiveMinimum, { step, pick: Math.max, round: Math.floor });
  const high = toBound(schema.maximum, schema.exclusiveMaximum, {
    step: -step,
    pick: Math.min,
    round: Math.ceil,
  });
  const numbers: unknown[] = Array.isArray(schema.enum) ? schema.enum : [schema.const];
  const values = numbers.filter((value) => typeof value === "number");
  const minimum = low ?? (values.length ? Math.min(...values) : undefined);
  const maximum = high ?? (values.length ? Math.max(...values) : undefined);
  return { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
}

interface BoundOptions {
  step: number;
  pick: (one: number, other: number) => number;
  round: (value: number) => number;
}

/** `exclusive` is a bound of its own, or in older schemas says of what kind the other one is. */
function toBound(
  bound: unknown,
  exclusive: unknown,
  { step, pick, round }: BoundOptions,
): number | undefined {
  const within = (value: number): number => (step === 0 ? value : round(value) + step);
  const own = typeof bound === "number" ? (exclusive === true ? within(bound) : bound) : undefined;
  if (typeof exclusive !== "number") return own;
  return own === undefined ? within(exclusive) : pick(own, within(exclusive));
}

const KINDS: readonly Kind[] = ["object", "array", "string", "integer", "number", "boolean", "null"];
