import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a page of the documentation is. */
export const toPagePath = (name: string): string =>
  fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

export const readPage = (name: string): string => readFileSync(toPagePath(name), "utf8");

/**
 * A page with what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` written anew. To be compared with the
 * page itself: `npm run docs` writes it. Throws for a part that the page has no place for, or the other way round.
 */
export function renewPage(name: string, parts: Record<string, string>): string {
  const page = readPage(name);
  const there = Array.from(page.matchAll(/^<!-- begin (.+) -->$/gm), ([, part = ""]) => part);
  const wanted = Object.keys(parts);
  if (there.toSorted().join() !== wanted.toSorted().join())
    throw new Error(`docs/${name} has places for ${there.join(", ")}; expected ${wanted.join(", ")}`);
  return page.replaceAll(
    /^<!-- begin (.+) -->\n[^]*?^<!-- end \1 -->$/gm,
    (_whole, part: string) => `<!-- begin ${part} -->\n\n${parts[part]?.trim()}\n\n<!-- end ${part} -->`,
  );
}

/** A table in Markdown. */
export function toTable(header: string[], rows: string[][]): string {
  const line = (cells: string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${"---|".repeat(header.length)}`, ...rows.map(line)].join("\n");
}
