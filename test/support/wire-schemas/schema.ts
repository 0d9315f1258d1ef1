import type { Json } from "../../../adapters/validate.ts";

/** A JSON Schema; `false` forbids what it stands for. */
export type Schema = Record<string, unknown> | false;

/** One frame of a stream: what stood in it, and under which `event:` name. */
export interface Frame {
  event?: string;
  data: Json | "[DONE]";
}

/** How a client protocol's answers must look. */
export interface WireRules {
  framing: "sse" | "ndjson" | "array";
  contentTypes: { whole: RegExp; stream: RegExp; error: RegExp };
  whole: Schema;
  /** A schema per kind of frame; frames of other kinds do not exist. */
  frames: Record<string, Schema>;
  kindOf: (data: Json) => unknown;
  error: Schema;
  /** `event:` repeats the frame's type; elsewhere events have no names. */
  isNamed?: boolean;
  /** The stream's end, of which no JSON is made. */
  terminator?: "[DONE]";
  /** Throws where the order of frames is wrong. Each is good by itself. */
  checkSequence: (frames: Frame[]) => void;
}

/** All of `required`, of `optional` what is there, and nothing else: a field that no SDK declares is a mistake. */
export const object = (
  required: Record<string, Schema>,
  optional: Record<string, Schema> = {},
): Record<string, unknown> => ({
  type: "object",
  required: Object.keys(required),
  properties: { ...optional, ...required },
  additionalProperties: false,
});

/** The same where more may be there. */
export const openObject = (...fields: Parameters<typeof object>): Record<string, unknown> => ({
  ...object(...fields),
  additionalProperties: true,
});

/** A union told apart by `type`; what is not in it is refused. Variants need not name their type. */
export const byType = (variants: Record<string, Record<string, unknown>>): Record<string, unknown> => ({
  type: "object",
  required: ["type"],
  discriminator: { propertyName: "type" },
  oneOf: Object.entries(variants).map(([type, { properties, ...variant }]) => ({
    ...variant,
    properties: { ...(properties as Json | undefined), type: { const: type } },
  })),
});

export const nullable = (schema: Schema): Schema => ({ anyOf: [{ type: "null" }, schema] });
export const array = (items: Schema): Schema => ({ type: "array", items });
export const is = (value: unknown): Schema => ({ const: value });
export const oneOf = (...words: string[]): Schema => ({ enum: words });

export const string: Schema = { type: "string" };
/** An id or a name: never empty. */
export const name: Schema = { type: "string", minLength: 1 };
export const number: Schema = { type: "number" };
export const boolean: Schema = { type: "boolean" };
export const anyObject: Schema = { type: "object" };
/** Of tokens, seconds, nanoseconds, or a place in a list. */
export const count: Schema = { type: "integer", minimum: 0 };
export const nothing: Schema = { type: "null" };

export function must(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Error(text);
}
