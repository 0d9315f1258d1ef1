/** Whether `name` fits a pattern of `*` (any text) and `?` (one character), case-insensitively. Linear in practice: no regex. */
export function matchesGlob(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = name.toLowerCase();
  let at = 0;
  let inPattern = 0;
  // The last `*`, and how much of the name it has taken so far.
  let star = -1;
  let taken = 0;
  while (at < given.length) {
    const expected = wanted[inPattern];
    if (expected === "*") {
      star = inPattern++;
      taken = at;
    } else if (expected !== undefined && (expected === "?" || expected === given[at])) {
      inPattern++;
      at++;
    } else if (star !== -1) {
      inPattern = star + 1;
      at = ++taken;
    } else return false;
  }
  while (wanted[inPattern] === "*") inPattern++;
  return inPattern === wanted.length;
}

export const isGlob = (pattern: string): boolean => pattern.includes("*") || pattern.includes("?");

/** How much of a pattern is literal; the more, the more specific. */
export const specificity = (pattern: string): number => pattern.replace(/[*?]/g, "").length;
