import type { Schema } from "../../storage/schema/schema.ts";
import { suggest } from "../../storage/suggest.ts";
import { CliError } from "../exit-code.ts";

/**
 * The segments of a place in the configuration: a JSON pointer (`/groups/qwen/tools`), or dotted
 * (`groups.qwen.models.claude-3.5`). Names have dots, too: of the ways to read them, the longest name that is there
 * counts; `["…"]` around a name settles it.
 */
export function toSegments(path: string, root: unknown): string[] {
  if (path.startsWith("/"))
    return path
      .slice(1)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const parts = splitDotted(path);
  const segments: string[] = [];
  let value = root;
  for (let at = 0; at < parts.length;) {
    let length = 1;
    // Quoted parts are whole names already.
    for (let longer = parts.length - at; longer > 1; longer--) {
      const taken = parts.slice(at, at + longer);
      if (taken.some(({ quoted }) => quoted)) continue;
      if (has(value, taken.map(({ text }) => text).join("."))) {
        length = longer;
        break;
      }
    }
    const segment = parts
      .slice(at, at + length)
      .map(({ text }) => text)
      .join(".");
    segments.push(segment);
    value = has(value, segment) ? (value as Record<string, unknown>)[segment] : undefined;
    at += length;
  }
  return segments;
}

/** The value at a place; a failure that says how far the path leads and what was probably meant. */
export function readAt(root: unknown, segments: readonly string[]): unknown {
  let value = root;
  for (const [at, segment] of segments.entries()) {
    if (!has(value, segment)) throw notThere(segments, at, value);
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
}

/** The schema of a place; undefined where nothing is known of it. */
export function schemaAt(root: Schema, segments: readonly string[]): Schema | undefined {
  let found: Schema | undefined = root;
  for (const segment of segments) {
    const branches: readonly Schema[] = found?.anyOf ?? (found ? [found] : []);
    found = branches
      .map((branch) =>
        branch.properties && Object.hasOwn(branch.properties, segment)
          ? branch.properties[segment]
          : (branch.additionalProperties ?? (/^\d+$/.test(segment) ? branch.items : undefined)),
      )
      .find((schema) => schema !== undefined);
  }
  return found;
}

/** What a text means at a place: numbers, yes and no, and lists as the schema has them; else JSON, else the text. */
export function toTyped(text: string, schema: Schema | undefined): unknown {
  const types = (schema?.anyOf ?? (schema ? [schema] : [])).map(typeOf);
  if (types.includes("string") && !/^\s*[[{]/.test(text)) return text;
  const parsed = parseJson(text);
  if (types.includes("array") && !Array.isArray(parsed) && typeof parsed !== "object")
    return text
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
  return parsed === undefined ? text : parsed;
}

const typeOf = ({ type, enum: values }: Schema): string | undefined =>
  type ?? (values?.every((value) => typeof value === "string") ? "string" : undefined);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function notThere(segments: readonly string[], at: number, value: unknown): CliError {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const place = segments.slice(0, at).join(".") || "the configuration";
  const meant = suggest(segments[at] ?? "", names);
  const next =
    meant !== undefined
      ? `did you mean "${[...segments.slice(0, at), meant].join(".")}"?`
      : names.length > 0
        ? `there is ${names.slice(0, 8).join(", ")}`
        : "nothing is set there";
  return new CliError("not-found", `"${segments[at] ?? ""}" is not in ${place}`, next);
}

function splitDotted(path: string): { text: string; quoted: boolean }[] {
  const parts: { text: string; quoted: boolean }[] = [];
  for (const match of path.matchAll(/\.?\["((?:[^"\\]|\\.)*)"\]|\.?\[(\d+)\]|\.?([^.[]+)|\.(?=\.|$)/g)) {
    const [, quoted, index, plain] = match;
    if (quoted !== undefined) parts.push({ text: quoted.replaceAll(/\\(.)/g, "$1"), quoted: true });
    else parts.push({ text: index ?? plain ?? "", quoted: index !== undefined });
  }
  return parts;
}

const has = (value: unknown, name: string): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name);
