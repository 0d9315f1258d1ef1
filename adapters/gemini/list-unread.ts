import type { Message } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { bothSpellings } from "./read-field.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * What of a request only Gemini could follow, by its names, where leaving it out changes the answer. `extra` is what
 * the unified form keeps for Gemini providers.
 */
export function listUnread(extra: Json, messages: readonly Message[]): string[] {
  const config = isObject(extra.generationConfig) ? extra.generationConfig : {};
  const tools = isObject(extra.toolConfig) ? extra.toolConfig : {};
  const names = [
    ...Object.keys(config).filter((name) => isGiven(config[name]) && !isTextOnly(name, config[name])),
    ...[extra, tools].flatMap((object) =>
      Object.keys(object).filter((name) => WEIGHTY.has(name) && isGiven(object[name])),
    ),
    ...messages.flatMap(({ content }) => content.flatMap(listOfPart)),
  ];
  return [...new Set(names)];
}

function listOfPart(part: Message["content"][number]): string[] {
  const native = "native" in part && part.native?.origin === PROTOCOL ? part.native.body : undefined;
  return isObject(native) ? Object.keys(native).filter((name) => WEIGHTY.has(name)) : [];
}

const isGiven = (value: unknown): boolean => value !== null && (!Array.isArray(value) || value.length > 0);

/** What everybody answers in anyway. */
const isTextOnly = (name: string, value: unknown): boolean =>
  /^response_?modalities$/i.test(name) &&
  Array.isArray(value) &&
  value.every((item) => typeof item === "string" && item.toUpperCase() === "TEXT");

/** Beside the configuration, of which everything counts. */
const WEIGHTY = bothSpellings(
  "safetySettings",
  "modelArmorConfig",
  "retrievalConfig",
  "videoMetadata",
  "mediaResolution",
  "mediaProcessing",
  "speechMetadata",
  "scheduling",
  "willContinue",
);
