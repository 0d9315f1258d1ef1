import { remember } from "./remember.ts";

/** What a path's prefix says: `[/{group} | /switch] [/compat_mode | /compat]` before a protocol's own path. */
export interface PrefixedPath {
  /** The group named, lower case; undefined: the default group. */
  group?: string;
  /** The group is the active one, looked up at each request. */
  active: boolean;
  /** Tools are to be emulated for this request. */
  compat: boolean;
  /** The protocol's path, always with a leading slash. */
  rest: string;
}

/**
 * Splits a request path. A first segment that is a reserved word belongs to a protocol or to us, every other one
 * that could be a group's name is taken for one.
 */
export const parsePath = remember(split);

function split(path: string): PrefixedPath {
  let rest = path;
  let group: string | undefined;
  let active = false;
  let compat = false;
  const first = firstSegment(rest);
  if (first === "switch") {
    active = true;
    rest = rest.slice(first.length + 1);
  } else if (GROUP_NAME.test(first) && !RESERVED.has(first)) {
    group = first;
    rest = rest.slice(first.length + 1);
  }
  const second = firstSegment(rest);
  if (second === "compat_mode" || second === "compat") {
    compat = true;
    rest = rest.slice(second.length + 1);
  }
  return { ...(group !== undefined && { group }), active, compat, rest: rest === "" ? "/" : rest };
}

function firstSegment(path: string): string {
  const end = path.indexOf("/", 1);
  return (end === -1 ? path.slice(1) : path.slice(1, end)).toLowerCase();
}

const GROUP_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const RESERVED = new Set(
  "switch compat compat_mode api v1 v1beta v1alpha mcp console admin health ready status metrics".split(" "),
);
