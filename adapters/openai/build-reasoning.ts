import { isObject, type Json, toWord } from "../validate.ts";
import { textField } from "./read-thoughts.ts";
import { toWireId } from "./wire-id.ts";
import type { AssistantPart } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { Quirks } from "./quirks.ts";
import type { WireMessage } from "./wire.ts";

type Reasoning = Pick<
  Extract<WireMessage, { role: "assistant" }>,
  "reasoning_content" | "reasoning" | "reasoning_details"
>;

/**
 * Past thoughts, where the provider wants them. DeepSeek and Kimi want theirs back with every assistant message, and an
 * empty text counts as none to some of their servers: a blank stands for thoughts that the client did not keep. A model
 * told not to think wants none, but for those it signed: Gemini checks its calls all the same.
 */
export function buildReasoning(content: AssistantPart[], { request, quirks }: BuildContext): Reasoning {
  const details = quirks.reasoningDetails ? buildDetails(content, quirks) : [];
  if (details.length) return { reasoning_details: details };
  const { sendReasoning } = quirks;
  if (!sendReasoning || request.thinking?.mode === "off") return {};
  const text = content.map((part) => (part.type === "thinking" ? part.text : "")).join("");
  if (sendReasoning === "reasoning_content")
    return text || quirks.blankReasoning ? { reasoning_content: text || " " } : {};
  if (text === "") return {};
  return sendReasoning === "reasoning"
    ? { reasoning: text }
    : { reasoning_details: [{ type: "reasoning.text", text }] };
}

/** The details as they came, out of the thoughts; where the client lost those, out of what is kept of its calls. */
function buildDetails(content: AssistantPart[], quirks: Quirks): Json[] {
  const calls = content.filter((part) => part.type === "tool-call");
  const ids = new Map(calls.map(({ id }) => [id, toWireId(id, quirks)]));
  const thoughts = withoutRepeats(content.flatMap(openThought));
  const all = thoughts.length ? thoughts : calls.flatMap(({ signature }) => openDetails(signature?.value));
  const details = all
    .filter(({ format }) => isTaken(format, quirks.detailFormats))
    // Gemini's are bound to their call.
    .map((detail) => (ids.has(toWord(detail.id)) ? { ...detail, id: ids.get(toWord(detail.id)) } : detail));
  const { lostDetail } = quirks;
  const [first] = calls;
  if (!lostDetail || !first || details.some(({ type }) => type === lostDetail.type)) return details;
  return [...details, { ...lostDetail, id: ids.get(first.id) }];
}

function openThought(part: AssistantPart): Json[] {
  if (part.type !== "thinking" || part.signature?.origin !== "openai") return [];
  const detail = parseJson(part.signature.value);
  if (!isObject(detail) || typeof detail.type !== "string") return [];
  const field = textField(detail);
  return [field === undefined || part.text === "" ? detail : { ...detail, [field]: part.text }];
}

/** The signature of a call holds all details of its turn, see `read-thoughts.ts`. */
export function openDetails(value: string | undefined): Json[] {
  const list = value?.startsWith("[") ? parseJson(value) : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** One whose signature came late was told again, with it. */
const withoutRepeats = (details: Json[]): Json[] => [
  ...new Map(details.map((detail, at) => [toKey(detail, at), detail])).values(),
];

const toKey = ({ type, index, id }: Json, at: number): string => JSON.stringify([type, index ?? at, id]);

const isTaken = (format: unknown, formats: readonly string[]): boolean =>
  formats.length === 0 || (typeof format === "string" && formats.some((known) => format.startsWith(known)));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
