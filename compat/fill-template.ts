import { describeTools, type PromptOptions } from "./tools/prompt.ts";

/**
 * A tool prompt from the configuration: `{tools}` becomes the tools, one JSON object per line, `{example}` a call in
 * the notation that is read. That one call is all that may be made follows as a line of its own, so that a template
 * need not know of it. Depends on its arguments alone.
 */
export function fillTemplate(template: string, { tools, notation, parallel }: PromptOptions): string {
  const values: Record<string, string> = {
    "{tools}": describeTools(tools),
    "{example}": notation.render([{ name: "tool_name", args: '{"argument_name": "value"}' }]),
  };
  // In one go: what a tool's description says in braces stays as it is.
  const filled = template.replace(/\{(?:tools|example)\}/g, (word) => values[word] ?? word);
  return parallel === false ? `${filled}\nMake at most one call per answer.` : filled;
}
