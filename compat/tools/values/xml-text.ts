/** Texts of CDATA sections, and what stands between them. */
export function unwrapCdata(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith("<![CDATA[") || !trimmed.endsWith("]]>")) return text;
  // A text that holds `]]>` is written as two sections.
  return trimmed.slice(9, -3).replaceAll("]]]]><![CDATA[>", "]]>");
}

/**
 * Decodes entities where a model escaped a whole value: angle brackets as entities and no opening one as such; a
 * closing one need not be escaped. Other texts are as the model means them.
 */
export function decodeEntities(text: string, options: { mixed?: boolean } = {}): string {
  if (!options.mixed && (!/&(?:amp;)?[lg]t;/.test(text) || text.includes("<"))) return text;
  return text.replace(/&(lt|gt|quot|apos|amp|#39|#34);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

const ENTITIES: Record<string, string | undefined> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
  "#39": "'",
  "#34": '"',
};
