/** The command lines of `ccproxy` in a line of shell, each as its words: quotes are taken off, pipes end it. */
export function findCommandLines(line: string): string[][] {
  return [...line.matchAll(/(?<=^|[\s(;|])ccproxy(?= |$|\))/g)].map(({ index }) =>
    readWords(line.slice(index + "ccproxy".length)),
  );
}

function readWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1);
      // A quote that was opened before the command ends it.
      if (end === -1) break;
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (/[|;&>)#]/.test(char) && (word === undefined || char !== "#")) break;
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}
