import { describeTool, type PromptOptions } from "./tools/prompt.ts";

/**
 * A tool prompt from the configuration: `{tools}` becomes the tools, one JSON object per line, `{example}` a call in
 * the notation that is read. What a request demands beyond that follows as lines of its own, so that a template need
 * not know of it. Depends on its arguments alone.
 */
export function fillTemplate(template: string, { tools, notation, choice, parallel }: PromptOptions): string {
  const values: Record<string, string> = {
    "{tools}": tools.map(describeTool).join("\n"),
    "{example}": notation.render([{ name: "tool_name", args: '{"argument_name": "value"}' }]),
  };
  // In one go: what a tool's description says in braces stays as it is.
  const filled = template.replace(/\{(?:tools|example)\}/g, (word) => values[word] ?? word);
  const demands = [
    ...(parallel === false ? ["Make at most one call per answer."] : []),
    ...(choice === "required" ? ["You must call at least one tool in this answer."] : []),
    ...(typeof choice === "object"
      ? [`You must call the tool ${JSON.stringify(choice.name)} in this answer.`]
      : []),
  ];
  return [filled, ...demands].join("\n");
}
