import type { BuildOptions } from "../adapter.ts";
import { perModel } from "../per-model.ts";
import { isObject, type Json } from "../validate.ts";
import { findQuirks } from "./find-quirks.ts";
import type { Quirks } from "./quirks.ts";
import { readQuirks } from "./read-quirks.ts";

/**
 * Whether a client's body holds nothing that the provider is known to refuse: it is converted otherwise. Of a provider
 * about which nothing is known or configured nothing is feared.
 */
export function takesAsIs(body: Json, model: string, options?: BuildOptions): boolean {
  // Only chats can be written anew.
  if (!Array.isArray(body.messages)) return true;
  if (!isKnown(options, model)) return true;
  const quirks = readQuirks(options, model);
  return (
    quirks.refuses.every((field) => body[field] === undefined) &&
    takesLimit(body, quirks) &&
    takesTools(body, quirks) &&
    takesOutput(body.response_format, quirks) &&
    (quirks.developerRole || !hasDeveloper(body.messages))
  );
}

const isKnown = perModel(
  (options, model) => options?.quirks !== undefined || findQuirks(options?.provider, model).length > 0,
);

const takesLimit = (body: Json, { maxTokensField }: Quirks): boolean =>
  body[maxTokensField === "max_tokens" ? "max_completion_tokens" : "max_tokens"] === undefined;

function takesTools(body: Json, { noStrict, toolChoice }: Quirks): boolean {
  if (toolChoice !== "all" && isObject(body.tool_choice)) return false;
  if (toolChoice === "auto" && body.tool_choice !== undefined && body.tool_choice !== "auto") return false;
  if (!noStrict || !Array.isArray(body.tools)) return true;
  return body.tools.every(
    (tool) => !isObject(tool) || !isObject(tool.function) || tool.function.strict === undefined,
  );
}

const takesOutput = (format: unknown, { outputs }: Quirks): boolean =>
  outputs === "all" || !isObject(format) || format.type === "text" || format.type === outputs;

const hasDeveloper = (messages: unknown): boolean =>
  Array.isArray(messages) && messages.some((message) => isObject(message) && message.role === "developer");
