import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Json } from "../../adapters/validate.ts";
import { checkArgs } from "./check-args.ts";
import { sanitizeSchema } from "./sanitize-schema.ts";

/** Schemas applied within one validation; a few lines of schema can ask for more than a life has time for. */
const MAX_STEPS = 20_000;
const MAX_VALIDATORS = 256;
/** Length of a schema's text; a few values can be as long as a book. */
const MAX_KEY = 200_000;

/** What is wrong with arguments, whose JSON text is `json`, by their tool's schema; empty when nothing is. */
export const validateArgs = createArgsValidator({ size: MAX_VALIDATORS }).validate;

/**
 * Judges arguments with ajv and says what is wrong in the words of `checkArgs` where that sees it too. The schema is
 * a stranger's: it is applied without what could run for long, its steps are counted, and where it is too large or
 * makes no sense `checkArgs` judges alone. Validators are kept by their schema's text, the least used goes first; each
 * has an Ajv of its own, because an Ajv never lets go of what it compiled.
 */
export function createArgsValidator(options: { size: number }) {
  const kept = new Map<string, Judge | undefined>();
  const judgeOf = (schema: Json): Judge | undefined => {
    const key = JSON.stringify(schema);
    if (key.length > MAX_KEY) return undefined;
    const found = kept.has(key) ? kept.get(key) : compile(schema);
    kept.delete(key);
    kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > options.size && oldest !== undefined) kept.delete(oldest);
    return found;
  };
  return {
    validate(schema: unknown, args: unknown, json = JSON.stringify(args)): string[] {
      const problems = checkArgs(schema, args);
      const safe = sanitizeSchema(schema);
      const verdict = safe && judgeOf(safe)?.(json);
      if (verdict === undefined) return problems;
      return verdict.length && problems.length ? problems : verdict;
    },
    kept: (): number => kept.size,
  };
}

/** undefined: no verdict. */
type Judge = (json: string) => string[] | undefined;

function compile(schema: Json): Judge | undefined {
  let steps = 0;
  const countStep = (): boolean => {
    if (++steps > MAX_STEPS) throw new RangeError(`more than ${MAX_STEPS} steps`);
    return true;
  };
  let validate: ValidateFunction;
  try {
    const ajv = new Ajv2020(OPTIONS);
    ajv.addKeyword({ keyword: "step", before: "$ref", schema: false, errors: false, validate: countStep });
    validate = ajv.compile(schema);
  } catch {
    return undefined;
  }
  return (json) => {
    steps = 0;
    try {
      return validate(JSON.parse(json)) ? [] : (validate.errors ?? []).slice(-1).map(toWords);
    } catch {
      return undefined;
    }
  };
}

function toWords(error: ErrorObject): string {
  const steps = error.instancePath.split("/").slice(1);
  const where = steps
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step, index) => (/^\d+$/.test(step) ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
  const { allowedValues, allowedValue, additionalProperty } = error.params as Json;
  const detail = allowedValues ?? allowedValue ?? additionalProperty;
  const more = detail === undefined ? "" : `: ${JSON.stringify(detail).slice(0, 300)}`;
  return `${where === "" ? "arguments" : where}: ${error.message ?? error.keyword}${more}`;
}

const OPTIONS = {
  allErrors: false,
  strict: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
  addUsedSchema: false,
  logger: false,
  multipleOfPrecision: 9,
  code: { optimize: false },
} as const;
