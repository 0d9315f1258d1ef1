/** The text inside a Markdown fence; the text itself where there is none. */
export function withoutFence(text: string): string {
  let inner = text.trim();
  if (inner.startsWith("```")) inner = inner.slice(3).replace(/^\w{0,20}/, "");
  if (inner.endsWith("```")) inner = inner.slice(0, -3);
  return inner.trim();
}
