import { replaceAll, type RequestEdits } from "../edits.ts";
import { isObject, type Json } from "../validate.ts";
import { dropForeignThoughts } from "./drop-foreign-thoughts.ts";
import { listParts, readRole } from "./parse-contents.ts";
import { isResponsePart, parseUserPart } from "./parse-part.ts";
import { listDeclarations, readChoice } from "./parse-tools.ts";
import { bothSpellings, findKey, readField } from "./read-field.ts";

/**
 * A group's settings on a Gemini body: what `applyEdits` does to the unified request. Fields keep their spelling.
 * Without any edits it still makes a body fit to be passed on: what only another provider could read is left out.
 */
export function editRequest(body: Json, edits: RequestEdits): Json {
  const edited = { ...dropForeignThoughts(body) };
  const { prompt, replace, dropTools, temperatureRatio } = edits;
  if (replace?.length) mapSystem(edited, (text) => replaceAll(text, replace));
  if (prompt?.mode === "replace") removeSystem(edited);
  if (prompt?.position === "system") appendSystem(edited, prompt.text);
  else if (prompt) prependUser(edited, prompt.text);
  if (dropTools?.length) removeTools(edited, new Set(dropTools));
  if (temperatureRatio !== undefined) scaleTemperature(edited, temperatureRatio);
  return edited;
}

/** The contents with the role "system" that stand before everything else belong to the system prompt. */
function countLeading(contents: unknown): number {
  if (!Array.isArray(contents)) return isSystem(contents) ? 1 : 0;
  const first = contents.findIndex((content) => !isSystem(content));
  return first === -1 ? contents.length : first;
}

const isSystem = (content: unknown): boolean => readRole(content, "contents") === "system";

function mapSystem(body: Json, change: (text: string) => string): void {
  const key = findKey(body, "systemInstruction");
  if (key in body) body[key] = mapTexts(body[key], change);
  const leading = countLeading(body.contents);
  if (leading === 0) return;
  const { contents } = body;
  body.contents = Array.isArray(contents)
    ? contents.map((content: unknown, index) => (index < leading ? mapTexts(content, change) : content))
    : mapTexts(contents, change);
}

/** Changes the text of a content, of parts, or of one part. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isObject(value)) return value;
  if (value.parts !== undefined && value.parts !== null) {
    return { ...value, parts: mapTexts(value.parts, change) };
  }
  return typeof value.text === "string" ? { ...value, text: change(value.text) } : value;
}

function removeSystem(body: Json): void {
  for (const key of SYSTEM) delete body[key];
  const leading = countLeading(body.contents);
  if (leading) body.contents = Array.isArray(body.contents) ? body.contents.slice(leading) : [];
}

function appendSystem(body: Json, text: string): void {
  const part = { text };
  const leading = countLeading(body.contents);
  if (leading) {
    // Behind what the contents begin with.
    const contents: unknown[] = Array.isArray(body.contents) ? body.contents : [body.contents];
    body.contents = contents.toSpliced(leading, 0, { role: "system", parts: [part] });
    return;
  }
  const key = findKey(body, "systemInstruction");
  body[key] = appendPart(body[key], part);
}

function appendPart(system: unknown, part: Json): unknown {
  if (system === undefined || system === null || system === "") return { parts: [part] };
  if (Array.isArray(system)) return [...system, part];
  const role = isObject(system) && system.role !== undefined ? { role: system.role } : {};
  return { ...role, parts: [...listParts(system, "systemInstruction").map((item) => item.part), part] };
}

/** In front of the first thing the user says; tool results are no such thing and stay first in their turn. */
function prependUser(body: Json, text: string): void {
  const contents: unknown[] = Array.isArray(body.contents) ? [...body.contents] : [body.contents];
  const at = contents.findIndex(isSpoken);
  const part = { text };
  if (at === -1) {
    body.contents = contents.toSpliced(countLeading(contents), 0, { role: "user", parts: [part] });
    return;
  }
  const content = contents[at];
  const parts = listParts(content, "contents").map((item) => item.part);
  const role = isObject(content) && content.role !== undefined ? { role: content.role } : { role: "user" };
  const first = parts.findIndex((item) => !isResponsePart(item));
  contents[at] = { ...role, parts: parts.toSpliced(first === -1 ? parts.length : first, 0, part) };
  body.contents = contents;
}

function isSpoken(content: unknown): boolean {
  if (readRole(content, "contents") !== "user") return false;
  const parts = listParts(content, "contents").map((item) => item.part);
  return (
    !parts.some(isResponsePart) ||
    parts.some((part) => !isResponsePart(part) && parseUserPart(part, "contents").length > 0)
  );
}

function removeTools(body: Json, names: ReadonlySet<string>): void {
  const tools: unknown[] = Array.isArray(body.tools) ? body.tools : isObject(body.tools) ? [body.tools] : [];
  const declared = tools.flatMap((tool) =>
    isObject(tool) ? listDeclarations(tool).flatMap(readToolName) : [],
  );
  if (!declared.some(({ name }) => names.has(name))) return;
  const calling = findCalling(body);
  const { toolChoice, allowed } = calling ? readChoice(calling, declared) : {};
  // Of a choice among several tools the others are no part to begin with.
  const isLeft = (name: string): boolean => !names.has(name) && (allowed?.has(name) ?? true);
  const left = tools.flatMap((tool) => keepDeclarations(tool, isLeft));
  if (left.length) body.tools = left;
  else delete body.tools;
  const isLost = typeof toolChoice === "object" && names.has(toolChoice.name);
  if (isLost || !declared.some(({ name }) => isLeft(name))) setCalling(body, undefined);
  else if (calling && allowed) {
    const { allowedFunctionNames: _camel, allowed_function_names: _snake, ...rest } = calling;
    setCalling(body, rest);
  }
}

const readToolName = (declaration: unknown): { name: string }[] =>
  isObject(declaration) && typeof declaration.name === "string" ? [{ name: declaration.name }] : [];

function keepDeclarations(tool: unknown, isLeft: (name: string) => boolean): unknown[] {
  if (!isObject(tool)) return [tool];
  const key = findKey(tool, "functionDeclarations");
  if (!(key in tool)) return [tool];
  const { [key]: _all, ...others } = tool;
  const left = listDeclarations(tool).filter((item) => readToolName(item).every(({ name }) => isLeft(name)));
  if (left.length) return [{ ...others, [key]: left }];
  return Object.keys(others).length ? [others] : [];
}

function findCalling(body: Json): Json | undefined {
  const config = readField(body, "toolConfig");
  const calling = isObject(config) ? readField(config, "functionCallingConfig") : undefined;
  return isObject(calling) ? calling : undefined;
}

function setCalling(body: Json, calling: Json | undefined): void {
  const key = findKey(body, "toolConfig");
  const config = body[key];
  if (!isObject(config)) return;
  const inner = findKey(config, "functionCallingConfig");
  const { [inner]: _calling, ...rest } = config;
  const next = calling ? { ...rest, [inner]: calling } : rest;
  if (Object.keys(next).length) body[key] = next;
  else delete body[key];
}

function scaleTemperature(body: Json, ratio: number): void {
  const key = findKey(body, "generationConfig");
  const config = body[key];
  if (!isObject(config) || typeof config.temperature !== "number") return;
  body[key] = { ...config, temperature: config.temperature * ratio };
}

const SYSTEM = bothSpellings("systemInstruction");
