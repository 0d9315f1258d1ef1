import { type ArgText, FORBIDDEN } from "./arguments.ts";
import { withoutFence } from "./values/without-fence.ts";
import { decodeEntities, unwrapCdata } from "./values/xml-text.ts";
import {
  BLANK_LIMIT,
  CALL_CLOSE,
  KEY_OPEN,
  NEXT_CALL,
  PARAMETER_CLOSE,
  PARAMETER_OPEN,
  STRUCTURE,
  TAG_LIMIT,
  blanks,
  isWhole,
  layout,
  matchStart,
  stripLines,
  unpad,
} from "./xml-tags.ts";

/** How a value begins. */
export interface ValueStart {
  key: string;
  /** The model said that it is a string, or that it is JSON. */
  typed?: boolean;
  /** Its own closing tag, for `<key>value</key>`. */
  close?: string;
  /** `<parameter>key</parameter>` and then the value. */
  nameless?: boolean;
  /** The whole arguments as JSON. */
  body?: boolean;
}

export interface ValueContext {
  /** Closers of the wrapper around the call. */
  wrapperClose: RegExp;
  /** Keys and values have tags of their own, and values are texts as they stand (GLM). */
  keyTags: boolean;
  /** Values may be written with XML entities. */
  entities: boolean;
  callName: string;
  /** The arguments the tool is known to have. */
  properties: Record<string, unknown>;
}

/** What the text at hand means for a value: so much of it is done with, or it is closed by so much of it. */
export type ValueStep = number | "wait" | "next call" | { closed: number; repair?: string };

export interface XmlValue {
  step: (held: string, ended: boolean) => ValueStep;
  arg: () => ArgText;
  /** A name no argument may have, in the tag of a parameter inside of this one's text. */
  forbidden: () => string | undefined;
  /** The value, when the answer ended in it, up to a closer that was taken for text; what is behind that. */
  end: (held: string) => { arg: ArgText; rest: string; repair?: string } | undefined;
}

/**
 * One value of a parameter in tags. Anything may occur in it, tags of this very format too: a closing tag counts only
 * where the next thing is a tag of the structure again.
 */
export function createXmlValue(start: ValueStart, context: ValueContext): XmlValue {
  const { wrapperClose, properties } = context;
  let parts: string[] = [];
  /** The last characters of `parts`. */
  let tail = "";
  let cdata = false;
  /** Number of parts before the first closing tag that was taken for text. */
  let soft: number | undefined;
  /** Parameters that stand in the value's own text and are open. */
  let inner = 0;
  let forbidden: string | undefined;

  const step = (held: string, ended: boolean): ValueStep => {
    if (cdata) return stepCdata(held, ended);
    const at = held.indexOf("<");
    if (at === -1) return ended ? "wait" : add(held);
    if (at > 0) return add(held.slice(0, at));
    if (!context.keyTags && held.startsWith("<![CDATA[")) {
      cdata = true;
      return add("<![CDATA[");
    }
    if (!isWhole(held) && !ended) return "wait";
    // A closing tag was taken for text, and now another call begins: it was none.
    if (soft !== undefined && /\n[ \t]*$/.test(tail) && matchStart(NEXT_CALL, held)) return "next call";
    return closes(held, ended) ?? add("<");
  };
  const add = (text: string): number => {
    parts.push(text);
    tail = (tail + text).slice(-48);
    return text.length;
  };
  const stepCdata = (held: string, ended: boolean): ValueStep => {
    const end = held.indexOf("]]>");
    if (end !== -1) {
      cdata = false;
      return add(held.slice(0, end + 3));
    }
    const safe = Math.max(0, held.length - 2);
    return ended || safe === 0 ? "wait" : add(held.slice(0, safe));
  };
  /** Whether `held`, which begins with a tag, closes the value. */
  const closes = (held: string, ended: boolean): ValueStep | undefined => {
    const own = start.body ? undefined : ownCloser(held);
    if (own !== undefined) {
      const follows = structureFollows(held, own.length, ended);
      if (follows === "wait") return "wait";
      const closesInner =
        follows && inner > 0 && /^\s*<\/(?:[\w-]+:|｜DSML｜)?param/.test(after(held, own.length));
      if (closesInner) inner--;
      else if (follows) return { closed: own.length };
      soft ??= parts.length;
      return undefined;
    }
    const next =
      matchStart(context.keyTags ? KEY_OPEN : PARAMETER_OPEN, held) ??
      (start.nameless ? matchStart(/<parameter>/y, held) : undefined);
    if (next && !start.body && !start.close && beginsParameter(next))
      return { closed: 0, repair: "unclosed parameter" };
    if (next && FORBIDDEN.has(nameIn(next))) forbidden = nameIn(next);
    if (next && start.close === undefined) inner++;
    const outer = matchStart(CALL_CLOSE, held) ?? matchStart(wrapperClose, held);
    if (!outer) return undefined;
    const follows = structureFollows(held, outer[0].length, ended);
    if (follows === "wait") return "wait";
    if (!follows) return undefined;
    return { closed: 0, ...(!start.nameless && !start.body && { repair: "unclosed parameter" }) };
  };
  const ownCloser = (held: string): string | undefined => {
    if (start.close === undefined) return matchStart(PARAMETER_CLOSE, held)?.[0];
    return held.startsWith(start.close) ? start.close : undefined;
  };
  /** A parameter nobody closed ends where the next begins: at a line's start, or by a name the tool has. */
  const beginsParameter = (next: RegExpExecArray): boolean => {
    if (start.nameless || /\n[ \t]*$/.test(tail)) return true;
    const key = nameIn(next);
    if (Object.keys(properties).length) return Object.hasOwn(properties, key);
    return /^[\w.-]+$/.test(key) && !/["'`]\s*$/.test(tail);
  };
  /** Whether a tag of the structure, or the end, comes after the tag that `held` begins with. */
  const structureFollows = (held: string, length: number, ended: boolean): boolean | "wait" => {
    const behind = held.slice(length, length + BLANK_LIMIT);
    const blank = length + (context.keyTags ? layout(behind) : blanks(behind));
    if (blank === held.length) return ended ? true : "wait";
    if (held[blank] !== "<") return false;
    const tag = held.slice(blank, blank + TAG_LIMIT);
    if (!isWhole(tag) && !ended && held.length - blank < TAG_LIMIT) return "wait";
    if (matchStart(PARAMETER_CLOSE, tag) || tag.startsWith(`</${context.callName}>`)) return true;
    const child = matchStart(/<([A-Za-z_][\w.-]{0,127})>/y, tag);
    if (start.close !== undefined && child && Object.hasOwn(properties, child[1] ?? "")) return true;
    return STRUCTURE.some((pattern) => matchStart(pattern, tag)) || matchStart(wrapperClose, tag) !== null;
  };
  const arg = (): ArgText => toArg(parts.join(""), start, context);
  return {
    step,
    arg,
    forbidden: () => forbidden,
    end(held) {
      if (start.body) {
        parts.push(held);
        return withoutFence(parts.join("")).endsWith("}") ? { arg: arg(), rest: "" } : undefined;
      }
      if (soft === undefined) return undefined;
      const rest = parts.slice(soft).join("") + held;
      parts = parts.slice(0, soft);
      return { arg: arg(), rest: rest.slice((ownCloser(rest) ?? "").length), repair: "unclosed call" };
    },
  };
}

const nameIn = (tag: RegExpExecArray): string => (tag[1] ?? tag[2] ?? tag[3] ?? "").trim();

const after = (held: string, from: number): string => held.slice(from, from + BLANK_LIMIT + TAG_LIMIT);

function toArg(raw: string, { key, typed, nameless, body }: ValueStart, context: ValueContext): ArgText {
  if (body) return { key, text: withoutFence(raw) };
  if (context.keyTags) return { key, text: stripLines(raw) };
  const plain = nameless
    ? raw
        .trim()
        .replace(/<\/parameter>$/, "")
        .trimEnd()
    : unpad(stripLines(raw), raw);
  const decoded = context.entities ? decodeEntities(plain) : plain;
  const text = raw.includes("<![CDATA[") ? unwrapCdata(plain) : decoded;
  return { key, text, ...(typed !== undefined && { typed }) };
}
