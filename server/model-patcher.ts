import { isObject } from "../adapters/validate.ts";
import { findRootString, patchJson } from "./patch-json.ts";

/** `text`, a JSON object, under another model name: the first of `paths` that holds a name counts. */
export function patchModel(text: string, paths: readonly (readonly string[])[], model: string): string {
  for (const path of paths) {
    const patched = patchJson(text, path, model);
    if (patched !== text) return patched;
  }
  return text;
}

/** The same for text that was read: mostly the name stands in its root, so that the rest need not be looked at. */
export function renameRead(
  text: string,
  body: unknown,
  paths: readonly (readonly string[])[],
  model: string,
): string {
  const [first] = paths;
  const key = first?.length === 1 ? first[0] : undefined;
  const name = key !== undefined && isObject(body) ? body[key] : undefined;
  const place = typeof name === "string" && name !== model ? findRootString(text, key as string) : undefined;
  if (!place) return patchModel(text, paths, model);
  return text.slice(0, place.start) + JSON.stringify(model) + text.slice(place.end);
}

/** Renames the model in whole lines of a stream, SSE `data:` lines and bare JSON lines alike. */
export function createModelPatcher(paths: readonly (readonly string[])[], model: string) {
  // Most lines of most protocols do not name the model: a look at the key is enough to leave them alone.
  const keys = [...new Set(paths.map((path) => JSON.stringify(path.at(-1))))];
  const name = JSON.stringify(model);
  // Lines of a stream begin alike, up to their model's name and beyond: what was made of the last one's beginning.
  let head: string | undefined;
  let renamed = "";
  const isLikeLast = (line: string): boolean =>
    head !== undefined &&
    line.startsWith(head) &&
    // A key that comes again further on, however it is written, would count.
    !keys.some((key) => line.includes(key, head?.length)) &&
    !line.includes("\\u", head.length);
  const remember = (line: string, patched: string): void => {
    const at = patched.indexOf(name);
    if (at === -1 || patched.includes(name, at + 1)) return;
    const rest = patched.slice(at + name.length);
    if (!line.endsWith(rest)) return;
    head = line.slice(0, line.length - rest.length);
    renamed = patched.slice(0, at + name.length);
  };
  const patchLine = (line: string): string => {
    if (head !== undefined && isLikeLast(line)) return renamed + line.slice(head.length);
    const start = line.indexOf("{");
    if (start === -1 || !keys.some((key) => line.includes(key))) return line;
    if (start > 0 && !/^(?:data:)?[ \t[,]*$/.test(line.slice(0, start))) return line;
    const patched = line.slice(0, start) + patchModel(line.slice(start), paths, model);
    if (patched !== line) remember(line, patched);
    return patched;
  };
  return (text: string): string => {
    let patched = "";
    let from = 0;
    // What they have in common is seen at the first.
    for (let end = 0; head === undefined && end !== -1;) {
      end = text.indexOf("\n", from);
      patched += patchLine(end === -1 ? text.slice(from) : text.slice(from, end)) + (end === -1 ? "" : "\n");
      from = end === -1 ? text.length : end + 1;
    }
    if (head === undefined || from === text.length) return patched;
    const rest = text.slice(from);
    return patched + (renameAll(rest, { head, renamed, keys }) ?? rest.split("\n").map(patchLine).join("\n"));
  };
}

/**
 * The same at once for lines of which all that name a model begin with `head`. Undefined where others may: the key
 * stands somewhere else, or could in another spelling.
 */
function renameAll(
  text: string,
  { head, renamed, keys }: { head: string; renamed: string; keys: readonly string[] },
): string | undefined {
  const pieces = `\n${text}`.split(`\n${head}`);
  const others = pieces.join("\n");
  // Without its first quote, of which there are too many to stop at each: what ends like a key is left to others too.
  if (others.includes("\\u") || keys.some((key) => others.includes(key.slice(1)))) return undefined;
  return pieces.join(`\n${renamed}`).slice(1);
}
