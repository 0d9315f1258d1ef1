/** The known word that was probably meant: at most two slips away, or a longer form of what was typed. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = countSlips(typed, name.toLowerCase());
    if (distance < (best?.distance ?? 3) && distance < Math.max(name.length, typed.length) - 1)
      best = { name, distance };
  }
  if (best) return best.name;
  if (typed.length < 3) return undefined;
  return [...known].find(
    (name) => name.toLowerCase().startsWith(typed) || typed.startsWith(name.toLowerCase()),
  );
}

/** Letters changed, added, left out or swapped with their neighbour. */
function countSlips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 64) return 3;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 3;
}

/** The end of a sentence about an unknown name: what was meant, or what there is. */
export function toHint(word: string, known: string[]): string {
  const meant = suggest(word, known);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  const listed = known.slice(0, 5).map((name) => `"${name}"`);
  return listed.length > 0 ? `; there is ${listed.join(", ")}` : "";
}
