import { patchJson } from "./patch-json.ts";

/** `text`, a JSON object, under another model name: the first of `paths` that holds a name counts. */
export function patchModel(text: string, paths: readonly (readonly string[])[], model: string): string {
  for (const path of paths) {
    const patched = patchJson(text, path, model);
    if (patched !== text) return patched;
  }
  return text;
}

/** Renames the model in whole lines of a stream, SSE `data:` lines and bare JSON lines alike. */
export function createModelPatcher(paths: readonly (readonly string[])[], model: string) {
  // Most lines of most protocols do not name the model: a look at the key is enough to leave them alone.
  const keys = paths.map((path) => JSON.stringify(path.at(-1)));
  const patchLine = (line: string): string => {
    const start = line.indexOf("{");
    if (start === -1 || !keys.some((key) => line.includes(key))) return line;
    if (start > 0 && !/^(?:data:)?[ \t[,]*$/.test(line.slice(0, start))) return line;
    return line.slice(0, start) + patchModel(line.slice(start), paths, model);
  };
  return (text: string): string => text.split("\n").map(patchLine).join("\n");
}
