import { isObject } from "../validate.ts";

/** Whether a body has what only Claude's have. */
export function isOwnBody(body: Record<string, unknown>): boolean {
  if ("system" in body || "anthropic_version" in body || "stop_sequences" in body) return true;
  return Array.isArray(body.tools) && body.tools.some((tool) => isObject(tool) && "input_schema" in tool);
}
