/**
 * JSON as Go's encoder writes it: fit to stand inside HTML. None of these characters occurs outside of strings, so the
 * finished text is what is escaped.
 */
export function writeGoJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Few texts hold one, and looking is quicker than replacing.
  if (!/[<>&\u2028\u2029]/.test(json)) return json;
  return json.replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}

export const writeGoNdjson = (value: unknown): string => `${writeGoJson(value)}\n`;

const ESCAPES: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};
