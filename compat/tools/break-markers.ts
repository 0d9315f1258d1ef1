/**
 * Text from outside with everything broken that a model or we could take for markup of calls, results or turns. `put`
 * is what the marker's first character becomes: `\u003c` inside of JSON says the same to a model.
 */
export function breakMarkers(text: string, put: (first: string) => string = withZeroWidth): string {
  if (!mayHold(text)) return text;
  return text.replace(MARKERS, (marker) => put(marker[0] ?? "") + marker.slice(1));
}

/**
 * What a user wrote, with only that broken which would end the turn or pass for a call or a result: pasted text may
 * hold it, while other markup is mostly what the user wants to talk about.
 */
export function breakTurnMarkers(text: string): string {
  if (!mayHold(text)) return text;
  return text.replace(TURN_MARKERS, (first) => withZeroWidth(first));
}

/** What all markers begin with; looking for that is much faster than looking for them. */
const mayHold = (text: string): boolean => text.includes("<") || text.includes("[");

/** For text inside a JSON string. */
export const toJsonEscape = (first: string): string =>
  `\\u${first.charCodeAt(0).toString(16).padStart(4, "0")}`;

const withZeroWidth = (first: string): string => `${first}\u200b`;

const MARKERS =
  /<(?=\/?[\w:-]{0,20}(?:tool_?calls?|tool_response|tool_result|function_?calls?|function_results|function=|function |invoke|parameter|arg_key|arg_value|tools>|think|observation|TOOLCALL|start_function|end_function|start_of_turn|end_of_turn|escape>)|\||｜)|\[(?=\/?(?:TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|INST|ARGS)\])/gi;

const TURN_MARKERS =
  /<(?=\/?tool_(?:call|response)\b|\|[\w▁]{1,40}\|>|｜|\/?(?:start|end)_of_turn>)|\[(?=\/?(?:TOOL_CALLS|TOOL_RESULTS|INST)\])/g;
