import type { Field } from "../fields/apply-fields.ts";
import type { Path } from "../fields/format.ts";

/** One field for every leaf of a tree, so that each can be set, and taken back, by itself. Undefined leaves are left out. */
export function toFields(tree: Record<string, unknown>, before: Path = []): Field[] {
  return Object.entries(tree).flatMap(([name, value]): Field[] => {
    const path = [...before, name];
    if (value === undefined) return [];
    const isTree = typeof value === "object" && value !== null && !Array.isArray(value);
    return isTree ? toFields(value as Record<string, unknown>, path) : [{ path, value }];
  });
}

/** Variables as fields; those that must not be set are left alone. */
export const toVariableFields = (variables: Record<string, string | null>, before: Path = []): Field[] =>
  Object.entries(variables).flatMap(([name, value]) =>
    value === null ? [] : [{ path: [...before, name], value }],
  );
