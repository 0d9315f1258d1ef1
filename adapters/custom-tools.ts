import { isObject } from "./validate.ts";
import type { Tool } from "./unified.ts";

/**
 * A custom tool (free text in, perhaps held to a grammar) as a function with the one string argument `input`, for
 * protocols that have only functions. Other tools come back as they are.
 */
export function toFunctionTool(tool: Tool): Tool {
  if (tool.kind !== "custom") return tool;
  const format = isObject(tool.format) ? tool.format : undefined;
  const grammar = typeof format?.definition === "string" ? format.definition : undefined;
  const rule =
    grammar === undefined
      ? ""
      : `\nThe text must match this ${typeof format?.syntax === "string" ? format.syntax : ""} grammar:\n${grammar}`;
  return {
    ...tool,
    kind: "function",
    format: undefined,
    parameters: {
      type: "object",
      properties: {
        input: { type: "string", description: `The whole input of the tool as text, not JSON.${rule}` },
      },
      required: ["input"],
      additionalProperties: false,
    },
  };
}

/** Free text of a custom call as unified arguments. */
export const wrapCustomInput = (input: string): string => JSON.stringify({ input });

/** The free text of a custom call from unified arguments; text that is no such object is taken as it is. */
export function unwrapCustomInput(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value === "string") return value;
    if (isObject(value)) {
      if (typeof value.input === "string") return value.input;
      const [only, ...others] = Object.values(value);
      if (typeof only === "string" && others.length === 0) return only;
    }
  } catch {
    // fall through
  }
  return args;
}
