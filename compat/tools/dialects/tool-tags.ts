import { isObject } from "../../../adapters/validate.ts";
import { FORBIDDEN, type ReadArgs } from "../arguments.ts";
import type { Block, BlockContext, Dialect, Verdict } from "../block.ts";
import { parseJson } from "../values/parse-json.ts";
import { parseYaml, salvageYaml } from "../values/parse-yaml.ts";
import { escapeName, isTextProperty, propertiesOf, readElements } from "../values/read-elements.ts";
import { decodeEntities } from "../values/xml-text.ts";
import { createWholeBlock } from "../whole-block.ts";

const MAX_ATTEMPTS = 8;

/**
 * The tool's name as the tag, its arguments inside as tags, YAML or JSON: how Cline and others asked for calls, and
 * what models without a notation of their own fall back to.
 */
export function createToolTags(names: readonly string[]): Dialect {
  return {
    name: "tool-tags",
    openers: [
      ...names.flatMap((name) =>
        [`<${name}`, `< ${name}`].map((mark) => ({
          mark,
          open: (context: BlockContext) => createToolTagBlock(name, context),
        })),
      ),
      ...names.map((name) => ({
        mark: name,
        where: "line" as const,
        open: (context: BlockContext) => createLineBlock(name, context),
      })),
    ],
    drop: names.map((name) => `</${name}>`),
  };
}

function createToolTagBlock(name: string, context: BlockContext): Block {
  const closer = new RegExp(`</\\s{0,4}${escapeName(name)}\\s{0,4}>$`);
  const schema = context.schemaOf(name);
  const pieces: string[] = [];
  let length = 0;
  let head = "";
  let body = false;
  /** The tag around the arguments closes itself: `<name`, arguments, `/>`. */
  let torn = false;
  let tail = "";
  let attempts = 0;
  /** The first end tag: where the body ends, and the length up to there. */
  let closed: { body: number; length: number } | undefined;

  const stepHead = (character: string): Verdict | undefined => {
    head += character;
    if (character === ">" && /^\s*\/?\s*>$/.test(head)) {
      if (head.includes("/")) return { calls: [{ name, args: { kind: "texts", texts: [] } }], rest: "" };
      body = true;
      return undefined;
    }
    if (/^\s*\/?\s*$/.test(head) && head.length < 40) return undefined;
    const child = TORN.exec(head);
    if (!child || !Object.hasOwn(propertiesOf(schema), child[1] ?? ""))
      return /^[ \t]{0,8}\r?\n\s{0,80}<?[\w.-]{0,128}$/.test(head) ? undefined : "reject";
    body = true;
    torn = true;
    pieces.push(head);
    length = head.length;
    return undefined;
  };
  const stepBody = (character: string): Verdict | undefined => {
    tail = (tail + character).slice(-(name.length + 12));
    if (character !== ">") return undefined;
    const match = (torn ? /\n[ \t]{0,8}\/>$/ : closer).exec(tail);
    if (!match || ++attempts > MAX_ATTEMPTS) return undefined;
    const until = length - match[0].length;
    closed ??= { body: until, length };
    const args = readBody(pieces.join("").slice(0, until), context, schema);
    if (!args) return undefined;
    return { calls: [{ name, args }], rest: "", ...(torn && { repairs: ["torn tag"] }) };
  };
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) {
        const character = text[at] ?? "";
        if (body) {
          pieces.push(character);
          length++;
        }
        const verdict = body ? stepBody(character) : stepHead(character);
        if (verdict === "reject") return verdict;
        if (verdict) return { ...verdict, rest: text.slice(at + 1) };
      }
      return undefined;
    },
    waitsFor: () => "closer",
    end(cut) {
      if (!body || torn) return "reject";
      const whole = pieces.join("");
      const forbidden = closed && forbiddenKey(whole.slice(0, closed.body));
      if (closed && forbidden !== undefined) {
        const args: ReadArgs = { kind: "texts", texts: [{ key: forbidden, text: "" }] };
        return { calls: [{ name, args }], rest: whole.slice(closed.length) };
      }
      const half = /\s*<\/?[\w.-]{0,128}$/.exec(whole.slice(-160))?.[0] ?? "";
      const closes = half !== "" && `</${name}`.startsWith(half.trim());
      const text = closes ? whole.slice(0, whole.length - half.length) : whole;
      const args = !cut && (closes || endsElement(text)) ? readBody(text, context, schema) : undefined;
      if (args && !isEmpty(args)) return { calls: [{ name, args }], rest: "", repairs: ["unclosed call"] };
      return attempts === 0 && begins(text, schema) ? { calls: [], rest: "", truncated: true } : "reject";
    },
  };
}

/** A key that must not be used, where the arguments of a body that cannot be read have theirs. */
function forbiddenKey(body: string): string | undefined {
  const trimmed = body.trim();
  const key = /^["']?([\w.-]{1,128})["']?\s{0,8}:/.exec(trimmed)?.[1];
  if (key !== undefined && FORBIDDEN.has(key)) return key;
  const tag = /(?:^|<\/[\w.-]{1,128}>)\s{0,80}<([\w.-]{1,128})>/g;
  for (const [, name = ""] of trimmed.matchAll(tag)) if (FORBIDDEN.has(name)) return name;
  return undefined;
}

/** Ends with a closing tag, or with a line of its own. */
const endsElement = (text: string): boolean =>
  /(?:<\/[\w.-]{1,128}>\s{0,100}|[^\s:|>][ \t]{0,8}\n[ \t]{0,8})$/.test(text.slice(-300));

const isEmpty = (args: ReadArgs): boolean =>
  args.kind === "texts"
    ? args.texts.length === 0
    : !isObject(args.value) || Object.keys(args.value).length === 0;

/** Whether a body nobody closed is one, and not what follows a tag that was only mentioned. */
function begins(text: string, schema: unknown): boolean {
  const properties = propertiesOf(schema);
  const key =
    /^\s{0,80}<([A-Za-z_][\w.-]{0,127})>/.exec(text) ?? /^[ \t]{0,8}\r?\n\s{0,80}([\w.-]{1,128}):/.exec(text);
  if (key) return Object.hasOwn(properties, key[1] ?? "") || Object.keys(properties).length === 0;
  return /^[ \t]{0,8}\r?\n\s{0,80}[{[]/.test(text);
}

/** What may follow a tag's name where its `>` is missing: an argument, on a line of its own. */
const TORN = /^[ \t]{0,8}\r?\n\s{0,80}(?:<(?=[\w.-]{1,128}>))?([\w.-]{1,128})[:>]$/;

/** The tool's name on a line of its own and its arguments as tags below: Devstral loses the tag around them. */
function createLineBlock(name: string, context: BlockContext): Block {
  const schema = context.schemaOf(name);
  return createWholeBlock("", {
    begins(head) {
      const match = /^:?[ \t]{0,8}\r?\n\s{0,80}<([\w.-]{1,128})>/.exec(head);
      if (match) return Object.hasOwn(propertiesOf(schema), match[1] ?? "");
      return /^:?[ \t]{0,8}(?:\r?\n\s{0,80}(?:<[\w.-]{0,128})?)?$/.test(head) ? undefined : false;
    },
    read(text) {
      const whole = text.replace(/^:/, "");
      const elements = readElements(whole, schema, (key) => context.names.names.includes(key));
      if (!elements || elements.unclosed) return "reject";
      return {
        calls: [{ name, args: { kind: "texts", texts: elements.texts } }],
        rest: whole.slice(elements.end),
        repairs: ["unclosed call"],
      };
    },
  });
}

function readBody(text: string, context: BlockContext, schema: unknown): ReadArgs | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "texts", texts: [] };
  if (trimmed[0] === "{") {
    const reading = parseJson(trimmed);
    return reading && !reading.cut && isObject(reading.value)
      ? { kind: "value", value: reading.value }
      : undefined;
  }
  if (/^<[A-Za-z_]/.test(trimmed)) {
    const elements = readElements(trimmed, schema);
    if (elements && elements.end >= trimmed.length) return { kind: "texts", texts: elements.texts };
  }
  const yaml = text.replace(/^[ \t]*\r?\n/, "");
  const value = parseYaml(yaml) ?? salvageYaml(yaml, new Set(Object.keys(propertiesOf(schema))));
  if (value) return { kind: "value", value };
  return (
    readMessage(trimmed, schema) ??
    (context.atStart && PROSE.test(text) && !isCallable(schema) ? NO_ARGUMENTS : undefined)
  );
}

const PROSE = /^\p{L}[^<>{}[\]:\n]{0,2000}$/u;

/** A call that cannot be made so: the model is asked for its arguments. */
const NO_ARGUMENTS: ReadArgs = { kind: "value", value: {} };

/** Whether a tool can be called without arguments. */
const isCallable = (schema: unknown): boolean =>
  !isObject(schema) || !Array.isArray(schema.required) || schema.required.length === 0;

/** Plain text in the tag of a tool that takes one message. */
function readMessage(text: string, schema: unknown): ReadArgs | undefined {
  const properties = propertiesOf(schema);
  const required = isObject(schema) && Array.isArray(schema.required) ? schema.required : [];
  const key = Object.keys(properties).find(
    (name) => MESSAGE_KEYS.has(name) && required.every((other) => other === name),
  );
  if (key === undefined || !isTextProperty(properties[key])) return undefined;
  const plain = text
    .split("<![CDATA[")
    .map((piece, index) => {
      const end = index === 0 ? -1 : piece.indexOf("]]>");
      const literal = end === -1 ? "" : piece.slice(0, end);
      return (
        literal +
        decodeEntities(piece.slice(end === -1 ? 0 : end + 3).replace(/<[A-Za-z/!?][^<>]{0,400}>/g, ""), {
          mixed: true,
        })
      );
    })
    .join("")
    .trim();
  return plain === "" ? undefined : { kind: "texts", texts: [{ key, text: plain }] };
}

const MESSAGE_KEYS = new Set(["message", "text", "answer"]);
