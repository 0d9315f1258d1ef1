import { toFunctionTool } from "../../adapters/custom-tools.ts";
import { perFrozen } from "../../adapters/per-frozen.ts";
import type { Tool } from "../../adapters/unified.ts";
import { breakMarkers, toJsonEscape } from "./break-markers.ts";
import type { Notation } from "./notations.ts";

export interface PromptOptions {
  tools: readonly Tool[];
  notation: Notation;
  parallel?: boolean;
}

/**
 * The system text that gives a model its tools. Depends on the tools and settings alone, so prompt caches hold; what
 * one turn demands stands in that turn, see `writeDemand`.
 */
export function writePrompt({ tools, notation, parallel }: PromptOptions): string {
  const written = promptsOf(tools)[parallel === false ? "single" : "several"];
  let prompt = written.get(notation);
  if (prompt === undefined) written.set(notation, (prompt = write({ tools, notation, parallel })));
  return prompt;
}

/** The prompts that were written for a list of tools. */
const promptsOf = perFrozen((_tools: readonly Tool[]) => ({
  single: new Map<Notation, string>(),
  several: new Map<Notation, string>(),
}));

function write({ tools, notation, parallel }: PromptOptions): string {
  const example = notation.render([{ name: "tool_name", args: '{"argument_name": "value"}' }]);
  const rules = [
    "Call only tools listed above, by their exact names, with every required argument. Never make up values.",
    "Right after the calls, end your answer. You get the results in the next message; never write results yourself.",
    parallel === false ? "Make at most one call per answer." : notation.hint,
    "If no tool is needed, just answer in plain text, without any call.",
  ];
  return [
    "# Tools",
    "",
    "You can call tools. Each line between the tags describes one, its parameters as JSON Schema:",
    "<tools>",
    ...(tools.length ? [describeTools(tools)] : []),
    "</tools>",
    "",
    "To call a tool, write exactly this, with the tool's name and arguments:",
    example,
    "",
    ...rules.map((rule) => `- ${rule}`),
  ].join("\n");
}

/** The tools, one on each line. */
export const describeTools = perFrozen((tools: readonly Tool[]): string =>
  tools.map(describeTool).join("\n"),
);

/** One tool as a line of JSON. Texts of strangers stand in it, so markers are broken. */
function describeTool(tool: Tool): string {
  const { name, description, parameters } = toFunctionTool(tool);
  // What a schema says of itself tells the model nothing.
  const { $schema: _, $id: __, $comment: ___, ...schema } = parameters;
  const line = JSON.stringify({ name, ...(description && { description }), parameters: schema });
  return breakMarkers(line, toJsonEscape);
}
