import type { Call } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { invalid } from "../validate.ts";

/** The path of an action on a model: every segment of its name encoded, its slashes kept. */
export function toModelPath(model: string, action?: string): string {
  const name = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const segments = name.split("/");
  // A URL would resolve these, encoded or not, and so reach another path.
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new GatewayError("invalid-request", `model: expected a name without "." segments, got ${name}`, {
      param: "model",
    });
  }
  // Half of a surrogate pair cannot be written into a URL.
  if (/\p{Surrogate}/u.test(name))
    throw new GatewayError("invalid-request", "model: expected a name in valid Unicode", { param: "model" });
  const path = `/v1beta/${segments.map(encodeURIComponent).join("/")}`;
  return action === undefined ? path : `${path}:${action}`;
}

/** The model's name as the path has it, without the `models/` that Google's lists put in front. */
export function readModelName(call: Call): string {
  const name = toModelId(call.params.model ?? "");
  if (name === "") throw invalid("model", "a model name in the path");
  return name;
}

export const toModelId = (name: string): string => name.replace(/^models\//, "");
