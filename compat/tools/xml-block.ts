import { isObject } from "../../adapters/validate.ts";
import type { ArgText } from "./arguments.ts";
import type { Block, BlockContext, BlockResult, ReadCall, Verdict } from "./block.ts";
import {
  BLANK_LIMIT,
  CALL_CLOSE,
  CALL_OPEN,
  KEY_OPEN,
  PARAMETER_OPEN,
  RESERVED,
  TAG_LIMIT,
  blanks,
  isWhole,
  layout,
  matchStart,
} from "./xml-tags.ts";
import { createXmlValue, type ValueStart, type XmlValue } from "./xml-value.ts";

export interface XmlOptions {
  /** What the opening marker was; it is put in front again where it is a call's own tag. */
  before?: string;
  /** The block is inside a wrapper, so what is no call in it is dropped. */
  wrapped: boolean;
  /** Closers of the wrapper, also swallowed as orphans. */
  wrapperClose: RegExp;
  /** The call's name stands bare at the beginning (GLM). */
  bareName?: boolean;
  /** Values may be written with XML entities. */
  entities?: boolean;
}

/**
 * Calls whose parameters stand in tags. Values are raw text in which anything may occur, tags of this very format
 * too: a closing tag counts only where the next thing is a tag of the structure again. Keeps no more text in hand
 * than one tag needs, so it is linear however the text arrives.
 */
export function createXmlBlock(context: BlockContext, options: XmlOptions): Block {
  const { wrapperClose } = options;
  const calls: ReadCall[] = [];
  const repairs = new Set<string>();
  let held = options.before ?? "";
  let state: "calls" | "call" | "value" | "name" = options.bareName ? "name" : "calls";
  let call: { name: string; texts: ArgText[] } | undefined;
  let value: XmlValue | undefined;
  /** Closed at least one thing of the structure; junk before that means this is no call. */
  let opened = false;
  /** The answer reached the limit of its length: more of an open call would have followed. */
  let cutOff = false;

  /** One step over `held`: how much of it is done with; "wait" for more text; a verdict. */
  const step = (ended: boolean): number | "wait" | Verdict => {
    switch (state) {
      case "name":
        return stepName(ended);
      case "calls":
        return stepCalls(ended);
      case "call":
        return stepCall(ended);
      case "value":
        return stepValue(ended);
    }
  };
  const stepName = (ended: boolean): number | "wait" | Verdict => {
    const match = /^\s*([^\s<>{}()[\]"'`=:,][^\n<>{}"'`]{0,127}?)\s*(?=[\n<{]|$)/.exec(held);
    if (!match) return held.trim() === "" && !ended && held.length < BLANK_LIMIT ? "wait" : "reject";
    if (match[0].length === held.length && !ended) return held.length < 300 ? "wait" : "reject";
    const name = (match[1] ?? "").replace(/(?:\\n)+$/, "");
    const after = held.slice(match[0].length);
    const rest = after.trimStart();
    if (!ended && rest.length < 24 && !/^<[^<]*>/.test(rest))
      return after.length < BLANK_LIMIT ? "wait" : "reject";
    // A name nobody knows must be followed by the structure, or prose after a mentioned tag would be a call.
    const structured =
      /^(?:<arg_key>|<tool_sep>|<\/tool_call|<\/arg_value>)/.test(rest) || /^<[\w:]*tool_calls?>/.test(rest);
    const child = /^<([A-Za-z_][\w.-]*)>/.exec(rest)?.[1];
    const body = child !== undefined && Object.hasOwn(propertiesOf(name), child);
    if (!structured && !body && !(rest === "" && ended && context.names.resolve(name))) return "reject";
    open(name);
    return match[0].length;
  };
  const stepCalls = (ended: boolean): number | "wait" | Verdict => {
    const blank = blanks(held);
    if (blank === held.length) {
      if (!ended && blank < BLANK_LIMIT) return "wait";
      return calls.length ? finish(held) : "reject";
    }
    if (held[blank] !== "<") return options.wrapped && opened ? skipJunk(blank, ended) : give(blank);
    const tag = held.slice(blank);
    if (!isWhole(tag) && !ended) return "wait";
    const close = matchStart(wrapperClose, tag);
    if (close) return finish(tag.slice(close[0].length));
    const start = matchStart(CALL_OPEN, tag);
    if (start) {
      const name = start[1] ?? start[2] ?? start[3] ?? "";
      if (start[0].endsWith("/>")) calls.push({ name: name.trim(), args: { kind: "texts", texts: [] } });
      else open(name.trim());
      opened = true;
      return blank + start[0].length;
    }
    const legacy = matchStart(
      /<(?:[\w-]+:)?invoke>\s{0,200}<tool_name>\s{0,40}([^<]{1,128}?)\s{0,40}<\/tool_name>\s{0,200}(?:<parameters>|(?=<\/))/y,
      tag,
    );
    if (legacy) {
      open((legacy[1] ?? "").trim());
      opened = true;
      return blank + legacy[0].length;
    }
    const named = matchStart(/<(function|name|tool_name)>\s{0,40}([\w.-]{1,128})\s{0,40}<\/\1>/y, tag);
    if (named && options.wrapped && context.names.resolve(named[2] ?? "")) {
      repairs.add("name as tag");
      open(named[2] ?? "");
      return blank + named[0].length;
    }
    if (!ended && /^<(?:function|name|tool_name)>/.test(tag) && tag.length < TAG_LIMIT) return "wait";
    if (!ended && /^<(?:[\w-]+:)?invoke>/.test(tag) && tag.length < TAG_LIMIT) return "wait";
    const again = matchStart(/<(?:[\w-]+:)?tool_calls?>|<function_calls>/y, tag);
    if (again && opened) return blank + again[0].length;
    if (options.wrapped && opened) return skipJunk(blank, ended);
    return give(blank);
  };
  /** Text between or behind the calls of a wrapper says nothing; without a wrapper it is what comes after. */
  const skipJunk = (blank: number, ended: boolean): number | "wait" | Verdict => {
    const next = held.indexOf("<", blank + 1);
    if (next !== -1) return next;
    if (!ended) return held.length > 20_000 ? give(blank) : "wait";
    return give(0);
  };
  const give = (from: number): Verdict =>
    calls.length ? finish(held.slice(calls.length ? 0 : from)) : "reject";

  const open = (name: string): void => {
    call = { name, texts: [] };
    state = "call";
    opened = true;
  };
  const stepCall = (ended: boolean): number | "wait" | Verdict => {
    const blank = options.bareName ? layout(held) : blanks(held);
    if (blank === held.length) {
      if (!ended && blank < BLANK_LIMIT) return "wait";
      return endCall(true);
    }
    const tag = held.slice(blank);
    if (tag[0] !== "<") return stepBody(tag, blank, ended);
    if (!isWhole(tag) && !ended) return "wait";
    const close =
      matchStart(CALL_CLOSE, tag) ?? (call && tag.startsWith(`</${call.name}>`) ? [`</${call.name}>`] : null);
    if (close) {
      closeCall();
      return blank + (close[0] ?? "").length;
    }
    if (options.bareName && matchStart(wrapperClose, tag)) {
      closeCall();
      return blank;
    }
    if (
      matchStart(wrapperClose, tag) ||
      matchStart(CALL_OPEN, tag) ||
      matchStart(/<[\w:]*tool_call>/y, tag)
    ) {
      repairs.add("unclosed call");
      closeCall();
      return blank;
    }
    const noise = matchStart(
      /<tool_sep>|<parameters>|<\/parameters>|<\/arg_value>|<\/(?:[\w-]+:|｜DSML｜)?(?:parameter|param)>/y,
      tag,
    );
    if (noise) return blank + noise[0].length;
    const nameless = matchStart(/<parameter>\s{0,40}([\w.-]{1,128})\s{0,40}<\/parameter>\n?/y, tag);
    if (nameless) {
      repairs.add("nameless parameter");
      return openParameter({ key: nameless[1] ?? "", nameless: true }, blank + nameless[0].length);
    }
    if (!ended && /^<(?:parameter>|arg_key>)/.test(tag) && tag.length < TAG_LIMIT) return "wait";
    const start =
      matchStart(options.bareName ? KEY_OPEN : PARAMETER_OPEN, tag) ?? matchStart(PARAMETER_OPEN, tag);
    if (start) {
      const name = keyOf((start[1] ?? start[2] ?? start[3] ?? "").trim());
      const typed = /string\s*=\s*"(true|false)"/.exec(start[0])?.[1];
      if (start[0].endsWith("/>")) {
        if (name !== "") call?.texts.push({ key: name, text: "" });
        return blank + start[0].length;
      }
      return openParameter(
        { key: name, ...(typed !== undefined && { typed: typed === "true" }) },
        blank + start[0].length,
      );
    }
    const child = matchStart(/<([A-Za-z_][\w.-]{0,127})(?:\s[^>]{0,200})?(\/?)>/y, tag);
    if (child && !RESERVED.test(child[1] ?? "")) {
      if (child[2] === "/") {
        call?.texts.push({ key: child[1] ?? "", text: "" });
        return blank + child[0].length;
      }
      repairs.add("parameter as tag");
      return openParameter({ key: child[1] ?? "", close: `</${child[1]}>` }, blank + child[0].length);
    }
    const stray = matchStart(/<parameter>[^<]{0,200}<\/parameter>[^<]{0,100}(?=<)/y, tag);
    if (stray) {
      repairs.add("stray parameter");
      return blank + stray[0].length;
    }
    if (/^<(?:parameter|param)\b/.test(tag))
      return ended && !tag.includes(">")
        ? { calls, rest: "", truncated: true }
        : blank + (tag.indexOf(">") + 1 || tag.length);
    return endCall(ended);
  };
  /** A parameter's name; its quotes belong to it only if the schema says so. */
  const keyOf = (written: string): string => {
    const plain = written.replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCharCode(Number(code)));
    return Object.hasOwn(propertiesOf(call?.name ?? ""), plain)
      ? plain
      : plain.replace(/^(["'])(.*)\1$/, "$2");
  };
  /** Text where a parameter should be: a JSON body, or the end of a call nobody closed. */
  const stepBody = (tag: string, blank: number, ended: boolean): number | "wait" | Verdict => {
    if (!ended && tag.length < 3 && "```".startsWith(tag)) return "wait";
    if ((tag[0] === "{" || tag.startsWith("```")) && call?.texts.length === 0) {
      return openParameter({ key: "arguments", body: true }, blank);
    }
    return endCall(ended);
  };
  const endCall = (ended: boolean): Verdict => {
    if (cutOff && call) return { calls, rest: "", truncated: true };
    if (call && (call.texts.length || ended)) {
      repairs.add("unclosed call");
      closeCall();
      return finish(held);
    }
    return calls.length ? finish(held) : "reject";
  };
  const closeCall = (): void => {
    if (call) calls.push({ name: call.name, args: { kind: "texts", texts: call.texts } });
    call = undefined;
    state = "calls";
  };
  const openParameter = (written: ValueStart, length: number): number => {
    value = createXmlValue(written, {
      wrapperClose,
      keyTags: options.bareName === true,
      entities: options.entities === true,
      callName: call?.name ?? "",
      properties: propertiesOf(call?.name ?? ""),
    });
    state = "value";
    return length;
  };
  const stepValue = (ended: boolean): number | "wait" | Verdict => {
    if (!value) return "reject";
    const step = value.step(held, ended);
    if (step === "wait") return ended ? endInValue() : "wait";
    if (step === "next call") return endInValue();
    if (typeof step === "number") return step;
    if (step.repair !== undefined) repairs.add(step.repair);
    call?.texts.push(value.arg());
    const forbidden = value.forbidden();
    if (forbidden !== undefined) call?.texts.push({ key: forbidden, text: "" });
    value = undefined;
    state = "call";
    return step.closed;
  };
  /** The answer ended inside a value: right only if a closer was passed over as text. */
  const endInValue = (): Verdict => {
    const end = cutOff ? undefined : value?.end(held);
    if (!end || !call) return { calls, rest: "", truncated: true };
    call.texts.push(end.arg);
    if (end.repair !== undefined) repairs.add(end.repair);
    closeCall();
    return finish(end.rest);
  };
  const propertiesOf = (name: string): Record<string, unknown> => {
    const tool = context.names.resolve(name);
    const schema = tool && context.schemaOf(tool.name);
    return isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  };
  const finish = (rest: string): BlockResult => ({
    calls,
    rest,
    ...(repairs.size && { repairs: [...repairs] }),
  });

  const run = (ended: boolean): Verdict | undefined => {
    for (;;) {
      if (held === "" && !ended) return undefined;
      if (held === "" && ended)
        return state === "value"
          ? endInValue()
          : state === "call"
            ? endCall(true)
            : calls.length
              ? finish("")
              : "reject";
      const result = step(ended);
      if (result === "wait") {
        if (ended) return state === "value" ? endInValue() : endCall(true);
        return undefined;
      }
      if (typeof result !== "number") return result;
      held = held.slice(result);
    }
  };
  return {
    push(text) {
      held += text;
      return run(false);
    },
    waitsFor: () => "closer",
    end(cut) {
      cutOff = cut;
      return run(true) ?? "reject";
    },
  };
}
