import type { Tool, UnifiedRequest } from "../../adapters/unified.ts";

/**
 * What a request says, whatever pieces it was cut into: protocols join system text, want sides to alternate, and turn
 * system text on the way into the user's. Limits and temperature may be set where there were none (Claude's).
 */
export function meaning({ system = [], messages, sampling, tools = [], ...rest }: UnifiedRequest): unknown {
  const turns: { side: string; text: string; parts: unknown[] }[] = [];
  for (const message of messages) {
    const side = message.role === "system" ? "user" : message.role;
    let turn = turns.at(-1);
    if (turn?.side !== side) turns.push((turn = { side, text: "", parts: [] }));
    for (const part of message.content) {
      if (part.type === "text") turn.text += part.text.replace(/<\/?system-reminder>|\s/g, "");
      // An unsigned thought goes back to no provider.
      else if (part.type !== "thinking" || part.signature) turn.parts.push(part);
    }
  }
  const { maxTokens: _limit, temperature: _temperature, ...chosen } = sampling ?? {};
  const said = {
    system: system.map((part) => part.text.trim()).join("\n\n"),
    turns,
    chosen,
    tools: tools.map(toShape),
    ...rest,
  };
  const text = JSON.stringify(said, (key, value: unknown) => (UNSAID.has(key) ? undefined : value));
  return JSON.parse(text) as unknown;
}

/** A tool without the keywords of its schema that some protocols know and some do not (Gemini's). */
function toShape({ parameters: { properties = {}, required }, description = "", ...tool }: Tool): unknown {
  const names = Object.keys(properties as object);
  return { ...tool, names, required, description: description.slice(0, 100) };
}

/** A parser's own notes, and the summary that Responses is asked for where thoughts are to be seen. */
const UNSAID = new Set(["ccproxy:notes", "reasoning", "unread"]);
