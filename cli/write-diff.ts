import { createTwoFilesPatch } from "diff";

/** What changes from one text to another, as `diff -u` writes it; "" where nothing does. */
export function writeDiff(
  before: { name: string; text: string },
  after: { name: string; text: string },
): string {
  if (before.text === after.text) return "";
  const patch = createTwoFilesPatch(before.name, after.name, before.text, after.text, "", "", { context: 3 });
  return patch.replace(/^(?:Index: .*\n)?=+\n/, "");
}
