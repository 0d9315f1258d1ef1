import type { ErrorObject } from "ajv";
import { checkConfig } from "./check-config.ts";
import { withDefaults, type RawConfig } from "./config-defaults.ts";
import { configSchema } from "./config.schema.ts";
import { findUnknownFields } from "./find-unknown-fields.ts";
import { findJsonError } from "./json-error.ts";
import { columnAt, lineAt, offsetOf, toPointer } from "./json-position.ts";
import { suggest } from "./suggest.ts";
import type { Config, ConfigProblem } from "./types.ts";

export interface ReadConfig {
  /** What the text says, unknown fields included; undefined when it is not a JSON object. */
  raw?: RawConfig;
  /** The configuration with its defaults; undefined when there is a problem. */
  config?: Config;
  /** The text is no JSON at all. */
  broken: boolean;
  problems: ConfigProblem[];
  warnings: ConfigProblem[];
}

/**
 * Reads the text of a configuration file: everything that is wrong with it, each with pointer and line. `checked`: this
 * very text is known to fit the schema, so that nothing is loaded to find out.
 */
export async function readConfig(text: string, { checked = false } = {}): Promise<ReadConfig> {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let raw: unknown;
  try {
    raw = JSON.parse(source);
  } catch {
    const found = findJsonError(source) ?? { offset: 0, message: "not readable as JSON" };
    const message = `not valid JSON: ${found.message}`;
    return refused([{ message, pointer: "", ...toPlace(source, found.offset) }], { broken: true });
  }
  const withLine = (problem: ConfigProblem): ConfigProblem => ({
    ...problem,
    ...toPlace(source, offsetOf(source, problem.pointer)),
  });
  const dangerous = findDangerous(raw);
  if (dangerous) return refused([withLine(dangerous)]);
  const errors = checked ? [] : await findErrors(raw);
  if (errors.length > 0) {
    const wrong = toProblems(errors);
    const all = [...wrong, ...checkRest(raw, wrong)];
    return {
      ...refused(all.map(withLine), { raw }),
      warnings: findUnknownFields(raw, configSchema).map(withLine),
    };
  }
  const config = withDefaults(raw as RawConfig);
  const { problems, warnings } = checkConfig(config);
  const unknown = findUnknownFields(raw, configSchema);
  return {
    raw: raw as RawConfig,
    config: problems.length === 0 ? config : undefined,
    broken: false,
    problems: problems.map(withLine),
    warnings: [...unknown, ...warnings].map(withLine),
  };
}

const toPlace = (text: string, offset: number): { line: number; column: number } => ({
  line: lineAt(text, offset),
  column: columnAt(text, offset),
});

/** What else is wrong, beside what the schema found: looked for in what is left without that. */
function checkRest(raw: unknown, wrong: readonly ConfigProblem[]): ConfigProblem[] {
  if (typeof raw !== "object" || raw === null) return [];
  const rest = structuredClone(raw) as RawConfig;
  // Without a whole section, all that names something in it would seem wrong.
  if (wrong.some(({ pointer }) => pointer.lastIndexOf("/") <= 0 && pointer !== "/activeGroup")) return [];
  for (const { pointer } of wrong) removeAt(rest, pointer);
  try {
    return checkConfig(withDefaults(rest)).problems.filter(
      ({ pointer }) =>
        !wrong.some((known) => pointer.startsWith(known.pointer) || known.pointer.startsWith(pointer)),
    );
  } catch {
    // Something that must be there is missing; what the schema found comes first then.
    return [];
  }
}

function removeAt(root: unknown, pointer: string): void {
  const segments = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  let value = root;
  for (const segment of segments.slice(0, -1)) value = (value as RawConfig | undefined)?.[segment];
  // The others keep their places.
  if (Array.isArray(value)) value[Number(segments.at(-1))] = undefined;
  // What names it names something that is there.
  else if (segments.length === 2 && Object.hasOwn(STAND_INS, segments[0] ?? "")) {
    (value as RawConfig)[segments[1] ?? ""] = STAND_INS[segments[0] ?? ""];
  } else if (typeof value === "object" && value !== null)
    Reflect.deleteProperty(value, segments.at(-1) ?? "");
}

function refused(
  problems: ConfigProblem[],
  { broken = false, raw }: { broken?: boolean; raw?: unknown } = {},
): ReadConfig {
  const isRecord = typeof raw === "object" && raw !== null && !Array.isArray(raw);
  return { problems, warnings: [], broken, ...(isRecord && { raw: raw as RawConfig }) };
}

/** Names that could reach an object's prototype when settings are merged, and nesting no configuration needs. */
function findDangerous(root: unknown): ConfigProblem | undefined {
  const open: { value: unknown; path: string[] }[] = [{ value: root, path: [] }];
  for (let item = open.pop(); item; item = open.pop()) {
    const { value, path } = item;
    if (typeof value !== "object" || value === null) continue;
    if (path.length > MAX_DEPTH)
      return { pointer: toPointer(path), message: `nested deeper than ${MAX_DEPTH} levels` };
    for (const [name, member] of Object.entries(value)) {
      const pointer = toPointer([...path, name]);
      if (FORBIDDEN.has(name)) return { pointer, message: `${pointer}: "${name}" cannot be used as a name` };
      open.push({ value: member, path: [...path, name] });
    }
  }
  return undefined;
}

async function findErrors(raw: unknown): Promise<ErrorObject[]> {
  const { validate } = await import("./config-validator.ts");
  return validate(raw) ? [] : (validate.errors ?? []);
}

function toProblems(errors: ErrorObject[]): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const error of errors.filter((candidate) => !isBesideThePoint(candidate, errors))) {
    const missing = error.keyword === "required" ? String(error.params["missingProperty"]) : undefined;
    const pointer = error.instancePath + (missing === undefined ? "" : toPointer([missing]));
    const message = `${pointer || "the whole file"}: ${toSentence(error, pointer)}`;
    if (!problems.has(pointer)) problems.set(pointer, { pointer, message });
  }
  return [...problems.values()];
}

/** With alternatives, each complains; only the one meant by the value's type says something useful. */
function isBesideThePoint(error: ErrorObject, errors: ErrorObject[]): boolean {
  if (error.keyword === "anyOf") {
    return errors.some((other) => other !== error && isWithin(other, error) && !isWrongType(other, error));
  }
  return errors.some(
    (either) => either.keyword === "anyOf" && isWithin(error, either) && isWrongType(error, either),
  );
}

const isWithin = (error: ErrorObject, either: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${either.schemaPath}/`) &&
  (error.instancePath === either.instancePath || error.instancePath.startsWith(`${either.instancePath}/`));

const isWrongType = (error: ErrorObject, either: ErrorObject): boolean =>
  error.instancePath === either.instancePath &&
  (error.keyword === "type" || (error.keyword === "enum" && typeof error.data === "object"));

function toSentence(error: ErrorObject, pointer: string): string {
  const got = `, got ${show(error.data, pointer)}`;
  const { params } = error;
  switch (error.keyword) {
    case "required":
      return "is missing";
    case "type":
      return `expected ${WORDS[String(params["type"])] ?? String(params["type"])}${got}`;
    case "enum":
      return `expected one of ${(params["allowedValues"] as unknown[]).join(", ")}${got}${meant(error, pointer)}`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
      return `expected a number ${COMPARISONS[String(params["comparison"])]} ${String(params["limit"])}${got}`;
    case "minLength":
      return "expected a text that is not empty";
    case "minItems":
    case "maxItems":
      return `expected ${error.keyword === "minItems" ? "at least" : "at most"} ${String(params["limit"])} entries${got}`;
    case "anyOf":
      return `expected a text, an object or a list${got}`;
    default:
      return `${error.message ?? "is wrong"}${got}`;
  }
}

/** The allowed word that was probably meant. */
function meant({ data, params }: ErrorObject, pointer: string): string {
  if (typeof data !== "string" || SECRET_PLACE.test(pointer)) return "";
  const word = suggest(data, (params["allowedValues"] as unknown[]).map(String));
  return word === undefined ? "" : `; did you mean "${word}"?`;
}

/** A value in a message; never one from a place where secrets are. */
function show(value: unknown, pointer: string): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (SECRET_PLACE.test(pointer)) return WORDS[typeof value] ?? typeof value;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const STAND_INS: RawConfig = { providers: {}, groups: { models: {} } };
const SECRET_PLACE =
  /^\/providers\/[^/]+\/(?:keys|disabledKeys|headers|proxy|baseUrl|params)(?:\/|$)|^\/keys\/[^/]+\/hash$/;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);
const MAX_DEPTH = 64;
const COMPARISONS: Record<string, string> = { ">=": "of at least", "<=": "of at most", ">": "greater than" };
const WORDS: Record<string, string> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};
