import { CliError } from "../exit-code.ts";

type Container = Record<string, unknown>;

/** Sets the value at a place; containers on the way are made. undefined removes it. */
export function changeAt(root: object, segments: readonly string[], value: unknown): void {
  let container = root as Container;
  for (const segment of segments.slice(0, -1)) {
    const next = Object.hasOwn(container, segment) ? container[segment] : undefined;
    if (next === undefined && value === undefined) return;
    if (next !== undefined && (typeof next !== "object" || next === null))
      throw new CliError(
        "bad-value",
        `"${segment}" in ${segments.join(".")} is no object, so nothing can be in it`,
        `'ccproxy config get ${segments[0] ?? ""}' shows what there is`,
      );
    if (next === undefined) define(container, segment, {});
    container = container[segment] as Container;
  }
  const last = segments.at(-1) ?? "";
  if (Array.isArray(container)) return changeList(container, last, value);
  if (value === undefined) Reflect.deleteProperty(container, last);
  else define(container, last, value);
}

function changeList(items: unknown[], index: string, value: unknown): void {
  const at = index === "-" ? items.length : Number(index);
  if (!Number.isInteger(at) || at < 0 || at > items.length)
    throw new CliError(
      "bad-value",
      `"${index}" is no place in a list of ${items.length}`,
      "give its number, or - for the end",
    );
  if (value === undefined) items.splice(at, 1);
  else items[at] = value;
}

/** A name such as `__proto__` becomes a field like any other, which the check then refuses. */
const define = (container: Container, name: string, value: unknown): void => {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
};
