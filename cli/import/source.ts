/** What became of a field. `attention`: it needs a person. */
export type Fate = "mapped" | "attention" | "unmapped";

export interface Note {
  /** Where in the imported file: `Router.think`. */
  path: string;
  fate: Fate;
  /** What it became, or what is to be done. */
  text: string;
}

/** A file that is imported, and what became of each of its fields. */
export interface Source {
  root: unknown;
  mapped: (path: Path, text: string) => void;
  attention: (path: Path, text: string) => void;
  /** Everything nobody spoke of is unmapped: no field is lost without a word. */
  notes: () => Note[];
}

export type Path = readonly (string | number)[];

export function createSource(root: unknown): Source {
  const notes: Note[] = [];
  const spoken: Path[] = [];
  const speak = (fate: Fate) => (path: Path, text: string) => {
    spoken.push(path);
    notes.push({ path: toText(path), fate, text });
  };
  return {
    root,
    mapped: speak("mapped"),
    attention: speak("attention"),
    notes: () => [
      ...notes,
      ...listLeaves(root)
        .filter((leaf) => !spoken.some((path) => path.every((part, at) => part === leaf[at])))
        .map((leaf): Note => ({ path: toText(leaf), fate: "unmapped", text: "has no counterpart here" })),
    ],
  };
}

function listLeaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, at): [number, unknown] => [at, item])
    : Object.entries(value);
  return members.length === 0
    ? [path]
    : members.flatMap(([name, inner]) => listLeaves(inner, [...path, name]));
}

const toText = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );

export const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
