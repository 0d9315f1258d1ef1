import { toArgsObject } from "../call-args.ts";
import type { NameMap } from "../tool-names.ts";
import type {
  AssistantPart,
  MediaPart,
  Message,
  TextPart,
  ToolResultPart,
  UnifiedRequest,
  UserPart,
} from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import type { ModelFacts } from "./model-facts.ts";
import { NO_SIGNATURE } from "./seal-thought.ts";
import { settleCalls } from "../settle-calls.ts";
import { PROTOCOL, type WireContent, type WirePart } from "./wire.ts";
import { toMediaPart } from "./write-parts.ts";

export interface ContentOptions {
  names: NameMap;
  facts: ModelFacts;
  /** Notes what cannot be carried. */
  drop: (what: string) => void;
}

/**
 * Contents that alternate and begin with the user. All results of a turn are one content with nothing beside them,
 * which Gemini 2.x insists on: what the user said along with them is the content behind it, and so are their media.
 */
export function buildContents({ messages }: UnifiedRequest, options: ContentOptions): WireContent[] {
  const contents: WireContent[] = [];
  for (const message of settleCalls(messages)) {
    if (message.role === "assistant") addContent(contents, "model", toModelParts(message.content, options));
    else if (message.role === "tool") {
      const parts = message.content.map((part) => toResultPart(part, options));
      contents.push({ role: "user", parts });
      addContent(
        contents,
        "user",
        message.content.flatMap((part) => hoistMedia(part, options)),
      );
    } else addContent(contents, "user", toUserParts(message, options));
  }
  if (contents[0]?.role === "model") {
    contents.unshift({ role: "user", parts: [{ text: "(The conversation goes on.)" }] });
  }
  return contents;
}

/** A turn goes on in the content before it, but never in one of results. */
function addContent(contents: WireContent[], role: WireContent["role"], parts: WirePart[]): void {
  if (parts.length === 0) return;
  const last = contents.at(-1);
  if (last?.role === role && !last.parts.some((part) => part.functionResponse)) last.parts.push(...parts);
  else contents.push({ role, parts });
}

function toUserParts(
  message: Extract<Message, { role: "user" | "system" }>,
  options: ContentOptions,
): WirePart[] {
  if (message.role === "user") return message.content.flatMap((part) => toUserPart(part, options));
  const text = message.content.map((part) => part.text).filter((line) => line.trim() !== "");
  return text.length ? [{ text: `<system-reminder>\n${text.join("\n\n")}\n</system-reminder>` }] : [];
}

function toUserPart(part: UserPart, { drop }: ContentOptions): WirePart[] {
  return part.type === "text" ? toTextParts(part) : [buildMedia(part, drop)];
}

/** A part that a Gemini client sent goes out as it was. */
function toTextParts({ text, native }: TextPart): WirePart[] {
  if (native?.origin !== PROTOCOL) return text === "" ? [] : [{ text }];
  if (!isObject(native.body)) return [];
  // Its text may have been edited.
  return [{ ...native.body, ...(typeof native.body.text === "string" && { text }) }];
}

/** Google fetches public URLs and its own; anything else is named, at least. */
function buildMedia(part: MediaPart, drop: ContentOptions["drop"]): WirePart {
  const { mimeType, source, name } = part;
  if (source.kind === "base64" || /^(?:https?|gs):/i.test(source.url)) return { ...toMediaPart(part) };
  drop(`${mimeType} by URL`);
  return { text: `[${name ?? mimeType}: ${source.url}]` };
}

function toResultPart(part: ToolResultPart, { names }: ContentOptions): WirePart {
  const texts = part.content.flatMap((item) => (item.type === "text" ? [item.text] : []));
  const hasMedia = texts.length < part.content.length;
  const text = texts.length === 0 && hasMedia ? "(The result follows.)" : texts.join("\n");
  const response = part.isError ? { error: text || "error" } : { output: text };
  return { functionResponse: { id: part.id, name: names.toWire(part.name), response, ...readOwn(part) } };
}

/** What a Gemini client said of a result, pictures included unless they were taken out on the way. */
function readOwn({ native, content }: ToolResultPart): Json {
  if (native?.origin !== PROTOCOL || !isObject(native.body)) return {};
  const { parts, response, ...body } = native.body;
  return {
    ...body,
    ...(isObject(response) && { response }),
    ...(content.some(({ type }) => type === "media") && { parts }),
  };
}

function hoistMedia(part: ToolResultPart, { drop }: ContentOptions): WirePart[] {
  const media = part.content.filter((item) => item.type === "media");
  if (media.length === 0 || part.native?.origin === PROTOCOL) return [];
  const text = `[media in the result of ${part.name} (call ${part.id})]`;
  return [{ text }, ...media.map((item) => buildMedia(item, drop))];
}

function toModelParts(content: readonly AssistantPart[], options: ContentOptions): WirePart[] {
  const { names, facts, drop } = options;
  const parts: WirePart[] = [];
  let isFirstCall = true;
  for (const part of content) {
    switch (part.type) {
      case "text":
        parts.push(...toTextParts(part));
        break;
      case "thinking":
        addThought(parts, part);
        break;
      case "tool-call": {
        const own = part.signature?.origin === PROTOCOL ? part.signature.value : undefined;
        // Of parallel calls only the first is signed.
        const thoughtSignature = own ?? (isFirstCall && facts.needsSignatures ? NO_SIGNATURE : undefined);
        isFirstCall = false;
        const functionCall = { id: part.id, name: names.toWire(part.name), args: toArgsObject(part.args) };
        parts.push({ functionCall, ...(thoughtSignature !== undefined && { thoughtSignature }) });
        break;
      }
      case "media":
        parts.push(buildMedia(part, drop));
        break;
      default:
        part satisfies never;
    }
  }
  return parts;
}

/** Only what Gemini signed. A signature without a thought belongs to the text before it. */
function addThought(
  parts: WirePart[],
  { text, signature }: Extract<AssistantPart, { type: "thinking" }>,
): void {
  if (signature?.origin !== PROTOCOL) return;
  const thoughtSignature = signature.value;
  const last = parts.at(-1);
  if (text !== "") parts.push({ text, thought: true, thoughtSignature });
  else if (last && !last.functionCall && !last.thoughtSignature) last.thoughtSignature = thoughtSignature;
  else parts.push({ text, thoughtSignature });
}
