import { isObject, type Json } from "../../../adapters/validate.ts";
import { type ArgText, FORBIDDEN } from "../arguments.ts";
import { propertyName } from "../schema-rules.ts";
import { parseJson } from "./parse-json.ts";
import { decodeEntities } from "./xml-text.ts";

/**
 * Elements side by side, nothing between them. A text of the schema is taken as it stands, markup and all; an element
 * ends at the closing tag of its own depth, or, where its text holds half a tag, at the one the structure follows.
 * They end before an element that is something else.
 */
export function readElements(
  text: string,
  schema: unknown,
  isOther: (key: string) => boolean = () => false,
): { texts: ArgText[]; end: number; unclosed?: boolean } | undefined {
  const properties = propertiesOf(schema);
  const required = isObject(schema) && Array.isArray(schema.required) ? schema.required : [];
  const closed = Object.keys(properties).length > 0 && isObject(schema) && isClosed(schema);
  const untyped = isObject(schema) && Object.keys(properties).length === 0;
  const texts: ArgText[] = [];
  /** Elements that are no argument, by the arguments that stand in them. */
  const inside = new Map<unknown, string>();
  let at = 0;
  let seen = false;
  for (;;) {
    while (text.charCodeAt(at) <= 32) at++;
    if (at >= text.length) break;
    const stray = stickyMatch(/<\/\s{0,4}([\w.-]{1,128})\s{0,4}>/y, text, at);
    if (stray && texts.some((other) => other.key === stray[1])) {
      at += stray[0].length;
      continue;
    }
    const open = stickyMatch(ELEMENT, text, at);
    if (!open) break;
    const key = open[1] ?? "";
    if (isOther(key) && !Object.hasOwn(properties, key)) break;
    const from = at + open[0].length;
    // An element that is no argument is markup of the model's own.
    const foreign =
      closed && !FORBIDDEN.has(key) && !Object.hasOwn(properties, propertyName(key, properties, {}));
    seen = true;
    if (open[2] === "/") {
      if (!foreign) texts.push({ key, text: "" });
      at = from;
      continue;
    }
    const end =
      closeOf(text, key, from) ??
      closeBefore(text, key, from, properties) ??
      closeWrongly(text, from, properties);
    if (!end) {
      // The last element was not closed; the tool's tag was.
      const rest = text.slice(from);
      if (rest.includes("<")) return undefined;
      texts.push({ key, text: rest.trim() });
      return { texts, end: text.length, unclosed: true };
    }
    // Two texts for an argument that matters: either may be half of it, so neither is used.
    const twice = isTextProperty(properties[key]) && texts.some((other) => other.key === key);
    if (twice && required.includes(key)) return undefined;
    const inner = text.slice(from, end.from);
    if (!foreign) texts.push(toArg(key, inner, properties[key], untyped));
    else for (const name of required) if (inner.includes(`<${String(name)}>`)) inside.set(name, inner);
    at = end.to;
  }
  if (inside.size) {
    if (texts.length === 0 && new Set(inside.values()).size === 1) {
      // One more pair of tags around all arguments.
      const unwrapped = readElements([...inside.values()][0] ?? "", schema, isOther);
      if (unwrapped) return { ...unwrapped, end: at };
    }
    // An argument that matters stands outside and inside of other markup: no reading is certain.
    if (texts.some(({ key }) => inside.has(key))) return undefined;
  }
  return seen ? { texts, end: at } : undefined;
}

/** The end tag of an element that may hold its like. */
function closeOf(text: string, key: string, from: number): { from: number; to: number } | undefined {
  const tags = new RegExp(`<(/?)\\s{0,4}${escapeName(key)}(?:\\s[^<>]{0,200})?(/?)>`, "g");
  tags.lastIndex = from;
  let depth = 0;
  for (let match = tags.exec(text); match; match = tags.exec(text)) {
    if (match[1] === "/") {
      if (depth === 0) return { from: match.index, to: match.index + match[0].length };
      depth--;
    } else if (match[2] !== "/" && !match[0].endsWith("/>")) depth++;
  }
  return undefined;
}

/**
 * The first end tag behind which the text ends or another argument begins, for a text that holds its own opening tag
 * once. Where it does so more often, no reading is certain.
 */
function closeBefore(
  text: string,
  key: string,
  from: number,
  properties: Json,
): { from: number; to: number } | undefined {
  if (text.split(`<${key}>`).length > 3) return undefined;
  const tags = new RegExp(`</\\s{0,4}${escapeName(key)}\\s{0,4}>`, "g");
  tags.lastIndex = from;
  for (let match = tags.exec(text); match; match = tags.exec(text)) {
    const to = match.index + match[0].length;
    const next = /^\s*(?:<\/?\s{0,4}([\w.-]{1,128})|$)/.exec(text.slice(to, to + 400));
    if (next && (next[1] === undefined || Object.hasOwn(properties, next[1])))
      return { from: match.index, to };
  }
  return undefined;
}

/** A closing tag of another name, in front of which there is plain text, and behind which the structure goes on. */
function closeWrongly(
  text: string,
  from: number,
  properties: Json,
): { from: number; to: number } | undefined {
  const close = stickyMatch(/[^<]*<\/\s{0,4}[\w.-]{1,128}\s{0,4}>/y, text, from);
  if (!close) return undefined;
  const to = from + close[0].length;
  const next = /^\s*(?:<([\w.-]{1,128})>|$)/.exec(text.slice(to, to + 400));
  if (!next || (next[1] !== undefined && !Object.hasOwn(properties, next[1]))) return undefined;
  return { from: from + close[0].lastIndexOf("<"), to };
}

export const escapeName = (name: string): string => name.replace(/[^\w]/g, "\\$&");

function stickyMatch(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Arguments beyond the declared ones are not provided for. */
const isClosed = ({ additionalProperties, patternProperties }: Json): boolean =>
  !isObject(patternProperties) && additionalProperties !== true && !isObject(additionalProperties);

function toArg(key: string, inner: string, rule: unknown, untyped: boolean): ArgText {
  if (isTextProperty(rule))
    return { key, text: decodeEntities(inner.trim() === "" ? inner : stripLines(inner)) };
  if (!/^\s*<[A-Za-z_\d]/.test(inner)) {
    const text = decodeEntities(inner.trim());
    // A schema that says nothing leaves it to the looks, as in YAML.
    return { key, text, ...(untyped && LITERAL.test(text) && { typed: false }) };
  }
  const value = toValue(inner, 0);
  if (value === undefined) return { key, text: inner };
  return { key, text: JSON.stringify(value), ...(rule === undefined && { typed: false }) };
}

/** A value of one line on a line of its own is laid out so; of a text of several lines every break may matter. */
function stripLines(text: string): string {
  const line = text.replace(/^\r?\n/, "").replace(/\r?\n[ \t]*$/, "");
  if (line.includes("\n")) return text;
  return line.replace(/^ (?=\S)/, "").replace(/(\S) $/, "$1");
}

const LITERAL = /^(?:true|false|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)$/;

/** Nested elements as JSON: `item`s and repeated names are lists. */
function toValue(text: string, depth: number): unknown {
  const trimmed = text.trim();
  if (depth > 16) return undefined;
  if (!/^<[A-Za-z_\d]/.test(trimmed)) return decodeEntities(trimmed);
  const elements = readElements(trimmed, undefined);
  if (!elements || elements.end < trimmed.length) return undefined;
  const result: Record<string, unknown> = {};
  for (const { key, text: inner } of elements.texts) {
    const value = /^[{[]/.test(inner) ? (parseJson(inner)?.value ?? inner) : inner;
    if (key === "__proto__") return undefined;
    if (!Object.hasOwn(result, key)) result[key] = value;
    else result[key] = Array.isArray(result[key]) ? [...result[key], value] : [result[key], value];
  }
  const [only, ...others] = Object.keys(result);
  // `<0>…</0><1>…</1>`: an array by its indexes.
  const keys = Object.keys(result);
  if (keys.every((key, index) => key === String(index))) return Object.values(result);
  if (others.length === 0 && (only === "item" || only === "element"))
    return Array.isArray(result[only]) ? result[only] : [result[only]];
  return result;
}

export function propertiesOf(schema: unknown): Json {
  return isObject(schema) && isObject(schema.properties) ? schema.properties : {};
}

/** Some clients wrap each rule once more. */
export const isTextProperty = (rule: unknown): boolean =>
  isObject(rule) &&
  (rule.type === "string" || (isObject(rule.jsonSchema) && isTextProperty(rule.jsonSchema)));

const ELEMENT =
  /<\s{0,4}([A-Za-z_\d][\w.-]{0,127})(?:\s(?:[^>"']|"[^"]{0,200}"|'[^']{0,200}'){0,200}?)?(\/?)>/y;
