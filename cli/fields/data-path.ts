import type { Path, Step } from "./format.ts";

/** What stands at a path of parsed data. */
export function readPath(data: unknown, path: Path): unknown {
  let at = data;
  for (const step of path) at = readStep(at, step);
  return at;
}

/** The data with a value at a path; what it needs on the way is made. */
export function withPath(data: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "string") {
    const record = isRecord(data) ? data : {};
    return {
      ...record,
      [step]: withPath(Object.hasOwn(record, step) ? record[step] : undefined, rest, value),
    };
  }
  const items: unknown[] = Array.isArray(data) ? data : [];
  const at = items.findIndex((item) => isItem(item, step));
  const item = withPath(at === -1 ? { [step.key]: step.value } : items[at], rest, value);
  return at === -1 ? [...items, item] : items.with(at, item);
}

/** The data without what stands at a path, and without what holds it, from `known` steps on, if nothing else is in it. */
export function withoutPath(data: unknown, path: Path, known: number): unknown {
  for (let depth = path.length; depth > 0; depth--) {
    data = without(data, path.slice(0, depth));
    if (depth - 1 <= known || !isBare(readPath(data, path.slice(0, depth - 1)), path[depth - 2])) return data;
  }
  return known < 0 && isBare(data, undefined) ? undefined : data;
}

/** Whether there is nothing in it beyond what it is found by. */
function isBare(data: unknown, step: Step | undefined): boolean {
  if (Array.isArray(data)) return data.length === 0;
  if (!isRecord(data)) return false;
  const own = typeof step === "object" ? 1 : 0;
  return Object.keys(data).length === own;
}

function without(data: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (typeof step === "string") {
    if (!isRecord(data) || !Object.hasOwn(data, step)) return data;
    if (rest.length > 0) return { ...data, [step]: without(data[step], rest) };
    return Object.fromEntries(Object.entries(data).filter(([name]) => name !== step));
  }
  if (!Array.isArray(data)) return data;
  const at = data.findIndex((item) => isItem(item, step));
  if (at === -1) return data;
  return rest.length > 0 ? data.with(at, without(data[at], rest)) : data.toSpliced(at, 1);
}

function readStep(data: unknown, step: Step): unknown {
  if (typeof step === "string") return isRecord(data) && Object.hasOwn(data, step) ? data[step] : undefined;
  return Array.isArray(data) ? data.find((item) => isItem(item, step)) : undefined;
}

const isItem = (item: unknown, { key, value }: { key: string; value: string }): boolean =>
  isRecord(item) && item[key] === value;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
