import { GatewayError } from "../errors.ts";
import { optionalInteger, type Json } from "../validate.ts";

/** `n`: how many answers; undefined for one. Limits and words are OpenAI's. */
export function parseChoices(json: Json): number | undefined {
  const n = optionalInteger(json.n, "n");
  if (n === undefined || n === 1) return undefined;
  if (n < 1) throw outside(`below minimum value. Expected a value >= 1, but got ${n} instead.`, "below_min");
  if (n > MAX_N)
    throw outside(`above maximum value. Expected a value <= ${MAX_N}, but got ${n} instead.`, "above_max");
  return n;
}

const outside = (how: string, code: string): GatewayError =>
  new GatewayError("invalid-request", `Invalid 'n': integer ${how}`, {
    param: "n",
    code: `integer_${code}_value`,
  });

const MAX_N = 128;
