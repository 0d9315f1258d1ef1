import { toArgsText } from "../call-args.ts";
import { normaliseMimeType, parseMediaUrl } from "../data-url.ts";
import type { AssistantPart, MediaPart, Signature, TextPart, ToolResultPart, UserPart } from "../unified.ts";
import { isObject, optionalString, readName, readObject, readString, type Json } from "../validate.ts";
import { readField } from "./read-field.ts";
import { openThought } from "./seal-thought.ts";
import { PROTOCOL } from "./wire.ts";

/** A part of a user turn that is no result. */
export function parseUserPart(value: unknown, where: string): UserPart[] {
  return parseModelPart(value, where).flatMap((part): UserPart[] => {
    if (part.type === "text" || part.type === "media") return [part];
    // A call that stands in a user turn: nobody's, but not to be lost.
    return part.type === "tool-call"
      ? [{ type: "text", text: `[${part.name} called with ${part.args}]` }]
      : [];
  });
}

/**
 * A part of a model turn. The signature of anything but a call becomes a thought without text behind it, one of a
 * thought that was not shown a thought in front.
 */
export function parseModelPart(value: unknown, where: string): AssistantPart[] {
  if (typeof value === "string") return value === "" ? [] : [{ type: "text", text: value }];
  const part = readObject(value, where);
  const seal = openThought(readField(part, "thoughtSignature"));
  const thought = (text: string): AssistantPart[] =>
    text === "" && !seal
      ? []
      : [
          {
            type: "thinking",
            text,
            ...(seal && { signature: seal.signature }),
            ...(seal?.redacted && { redacted: true }),
          },
        ];
  if (part.thought === true) return thought(optionalString(part.text, `${where}.text`) ?? "");
  const before = seal?.before ? thought("") : [];
  const call = readField(part, "functionCall");
  if (call !== undefined) {
    const own = seal?.before ? undefined : seal?.signature;
    return [...before, parseCall(readObject(call, `${where}.functionCall`), own, where)];
  }
  const content = readContent(part, where);
  return seal?.before ? [...before, ...content] : [...content, ...thought("")];
}

export const isResponsePart = (part: unknown): part is Json =>
  isObject(part) && readField(part, "functionResponse") !== undefined;

/** `{functionResponse: {id?, name, response, parts?}}`; without id or name it is paired with its call later. */
export function parseResponsePart(part: Json, where: string): ToolResultPart {
  const place = `${where}.functionResponse`;
  const given = readObject(readField(part, "functionResponse"), place);
  const { isError, text } = readResponse(given.response);
  const media: unknown[] = Array.isArray(given.parts) ? given.parts : [];
  const content = [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...media.flatMap((item, index) =>
      readContent(readObject(item, `${place}.parts[${index}]`), `${place}.parts[${index}]`),
    ),
  ];
  const { id, name, ...body } = given;
  const native = isPlainResult(body) ? {} : { native: { origin: PROTOCOL, body } };
  return {
    type: "tool-result",
    id: optionalString(id, `${place}.id`) ?? "",
    name: optionalString(name, `${place}.name`) ?? "",
    content,
    ...(isError && { isError }),
    ...native,
  };
}

/** Written again the same without a word about it. */
function isPlainResult({ response, ...others }: Json): boolean {
  if (Object.keys(others).length || !isObject(response)) return false;
  const [only, ...more] = Object.entries(response);
  return only !== undefined && more.length === 0 && SAYS.has(only[0]) && typeof only[1] === "string";
}

function parseCall(call: Json, signature: Signature | undefined, where: string): AssistantPart {
  return {
    type: "tool-call",
    id: optionalString(call.id, `${where}.functionCall.id`) ?? "",
    name: readName(call.name, `${where}.functionCall.name`),
    args: toArgsText(call.args),
    ...(signature && { signature }),
  };
}

/**
 * What a tool said. Google's words are `output` and `error`; clients also use `result` and the AI SDK's
 * `{name, content}`. Anything else is given as the JSON it is.
 */
function readResponse(response: unknown): { text: string; isError: boolean } {
  if (response === undefined || response === null) return { text: "", isError: false };
  if (!isObject(response)) return { text: toText(response), isError: false };
  const keys = Object.keys(response).filter((key) => response[key] !== null && response[key] !== undefined);
  const telling = keys.filter((key) => key !== "name");
  const [only] = telling;
  const failed = response.error !== undefined && response.error !== null && response.error !== "";
  if (
    telling.length === 1 &&
    only !== undefined &&
    SOLE.has(only) &&
    (keys.length === 1 || only === "content")
  ) {
    return { text: toText(response[only]), isError: failed };
  }
  return { text: keys.length ? JSON.stringify(response) : "", isError: failed };
}

const toText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function readContent(part: Json, where: string): (TextPart | MediaPart)[] {
  const native = { origin: PROTOCOL, body: withoutSeal(part) };
  // A part of one field needs nothing more to be written again.
  const more = Object.keys(native.body).length > 1 ? { native } : {};
  const text = optionalString(part.text, `${where}.text`);
  if (text !== undefined) return text === "" ? [] : [{ type: "text", text, ...more }];
  const blob = readField(part, "inlineData");
  if (blob !== undefined) {
    return [{ ...readBlob(readObject(blob, `${where}.inlineData`), `${where}.inlineData`), ...more }];
  }
  const file = readField(part, "fileData");
  if (file !== undefined) {
    return [{ ...readFile(readObject(file, `${where}.fileData`), `${where}.fileData`), ...more }];
  }
  const said = describePart(part);
  return said === undefined ? [] : [{ type: "text", text: said, native }];
}

/** Seals go their own way. */
const withoutSeal = ({ thoughtSignature: _camel, thought_signature: _snake, ...part }: Json): Json => part;

function readBlob(blob: Json, where: string): MediaPart {
  const given = readString(blob.data, `${where}.data`);
  const mimeType = optionalString(readField(blob, "mimeType"), `${where}.mimeType`);
  const name = optionalString(readField(blob, "displayName"), `${where}.displayName`);
  if (/^data:/i.test(given)) return { type: "media", ...parseMediaUrl(given), ...(name && { name }) };
  // Google's Python SDK writes the URL-safe alphabet, which nobody else reads.
  const data = /[-_]/.test(given) ? given.replaceAll("-", "+").replaceAll("_", "/") : given;
  return {
    type: "media",
    mimeType: normaliseMimeType(mimeType || "application/octet-stream"),
    source: { kind: "base64", data },
    ...(name && { name }),
  };
}

function readFile(file: Json, where: string): MediaPart {
  const media = parseMediaUrl(readName(readField(file, "fileUri"), `${where}.fileUri`));
  const mimeType = optionalString(readField(file, "mimeType"), `${where}.mimeType`);
  const name = optionalString(readField(file, "displayName"), `${where}.displayName`);
  return {
    type: "media",
    mimeType: mimeType ? normaliseMimeType(mimeType) : media.mimeType,
    source: media.source,
    ...(name && { name }),
  };
}

/** What Google's own tools did, and parts of versions to come, as text: nothing disappears from a conversation unseen. */
export function describePart(part: Json): string | undefined {
  const code = readField(part, "executableCode");
  if (isObject(code)) return `\`\`\`${asText(code.language).toLowerCase()}\n${asText(code.code)}\n\`\`\``;
  const outcome = readField(part, "codeExecutionResult");
  if (isObject(outcome)) return `\`\`\`output\n${asText(outcome.output ?? outcome.outcome)}\n\`\`\``;
  const entry = Object.entries(part).find(([key, value]) => isObject(value) && !ASIDES.has(key));
  return entry && `[${entry[0]}: ${JSON.stringify(entry[1])}]`;
}

const asText = (value: unknown): string => (typeof value === "string" ? value : "");

const SAYS = new Set(["output", "error"]);
const SOLE = new Set(["output", "error", "result", "content"]);
/** Fields that only say more about the part they stand in. */
const ASIDES = new Set([
  "videoMetadata",
  "video_metadata",
  "mediaResolution",
  "media_resolution",
  "partMetadata",
  "part_metadata",
  "mediaProcessing",
  "media_processing",
  "speechMetadata",
  "speech_metadata",
]);
