import { isDeepStrictEqual } from "node:util";
import { tryParse, type SetField } from "./apply-fields.ts";
import { readPath, withoutPath, withPath } from "./data-path.ts";
import { splice, type Format, type Path } from "./format.ts";

/**
 * Takes back what `applyFields` set, and nothing else: a field that was given another value since is left, and named.
 * A value that stood there before comes back as it was written.
 */
export function revertFields(
  format: Format,
  text: string,
  fields: readonly SetField[],
): { text: string; left: Path[]; back: Path[] } {
  const left: Path[] = [];
  const back: Path[] = [];
  for (const field of fields.toReversed()) {
    const data = format.parse(text);
    const value = readPath(data, field.path);
    // The user took it out: there is nothing left to take back.
    if (value === undefined) continue;
    const next = isAsSet(value, field) ? revert(format, text, { field, data }) : undefined;
    if (next === undefined) left.push(field.path);
    else {
      text = next;
      back.push(field.path);
    }
  }
  return { text, left: left.reverse(), back: back.reverse() };
}

const isAsSet = (value: unknown, { value: set, mark = [] }: SetField): boolean =>
  isDeepStrictEqual(readPath(value, mark), readPath(set, mark));

/** Exactly what was put, if it still stands there; else as the file is now. Undefined: neither comes out right. */
function revert(
  format: Format,
  text: string,
  { field, data }: { field: SetField; data: unknown },
): string | undefined {
  const { path, before, after, anchor, known, wasNull } = field;
  const range = format.find(text, path);
  if (!range) return undefined;
  const replaced =
    known === path.length ? tryParse(format, splice(text, range.start, range.end, before)) : undefined;
  const expected =
    known === path.length ? withPath(data, path, readPath(replaced, path)) : withoutPath(data, path, known);
  const isRight = (candidate: string): boolean => {
    const parsed = tryParse(format, candidate);
    if (isDeepStrictEqual(parsed, expected) || (isNothing(parsed) && isNothing(expected))) return true;
    const holder = path.slice(0, known);
    return (
      wasNull === true &&
      isNothing(readPath(expected, holder)) &&
      isDeepStrictEqual(parsed, withPath(expected, holder, null))
    );
  };
  const start = range.start - anchor;
  if (start >= 0 && text.startsWith(after, start)) {
    const candidate = splice(text, start, start + after.length, before);
    if (isRight(candidate)) return candidate;
  }
  const candidate =
    known === path.length ? splice(text, range.start, range.end, before) : format.remove(text, path, known);
  return isRight(candidate) ? candidate : undefined;
}

const isNothing = (data: unknown): boolean =>
  data == null || (typeof data === "object" && Object.keys(data).length === 0);
