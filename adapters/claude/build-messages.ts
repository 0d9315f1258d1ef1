import { toArgsObject } from "../call-args.ts";
import { toSafeId } from "../tool-ids.ts";
import type { NameMap } from "../tool-names.ts";
import type {
  AssistantPart,
  MediaPart,
  Message,
  Native,
  TextPart,
  ToolResultPart,
  UnifiedRequest,
  UserPart,
} from "../unified.ts";
import { readToolLoadedText } from "./block-text.ts";
import { buildMedia } from "./build-media.ts";
import { readOwn } from "./own-fields.ts";
import { toOwnCitations } from "./write-citation.ts";
import { isObject } from "../validate.ts";
import { settleCalls } from "../settle-calls.ts";
import {
  PROTOCOL,
  type WireAssistantBlock,
  type WireMessage,
  type WireResultBlock,
  type WireText,
  type WireToolReference,
  type WireToolResult,
  type WireUserBlock,
  type WireVerbatim,
} from "./wire.ts";

export interface MessageOptions {
  names: NameMap;
  /** Notes what cannot be carried. */
  drop: (what: string) => void;
  /** Thoughts without signature are sent too (providers that are not Anthropic's and want them back). */
  sendReasoning: boolean;
}

/** Turns that alternate, begin with the user and hold no empty text; results stand first in theirs. */
export function buildMessages(request: UnifiedRequest, options: MessageOptions): WireMessage[] {
  const turns: WireMessage[] = [];
  // What an assistant turn may not hold: shown by the user in the next one.
  let shown: MediaPart[] = [];
  const deferred = new Set(request.tools?.flatMap((tool) => (tool.extra?.defer_loading ? [tool.name] : [])));

  for (const message of settleCalls(request.messages)) {
    if (message.role === "assistant") {
      addAssistant(turns, message.content, options);
      shown.push(...message.content.filter((part) => part.type === "media"));
      continue;
    }
    const blocks = toUserBlocks(message, options, deferred);
    if (shown.length) {
      blocks.push({ type: "text", text: "The assistant's last turn came with this:" });
      for (const part of shown) blocks.push(buildMedia(part, options.drop));
      shown = [];
    }
    addUser(turns, blocks);
  }
  if (shown.length) options.drop("media in the last assistant turn");
  return finish(turns);
}

/** A prompt's text blocks: only those that say something, with their cache marks. */
export const toTextBlocks = (parts: readonly TextPart[]): WireText[] =>
  parts.filter((part) => part.text.trim() !== "").map(toTextBlock);

const toTextBlock = ({ text, cache }: TextPart): WireText => ({ type: "text", text, ...toCache(cache) });
const toCache = (cache: unknown): { cache_control?: unknown } =>
  cache === undefined ? {} : { cache_control: cache };

const toWireId = (id: string): string => toSafeId(id, ID_RULE);

function addUser(turns: WireMessage[], blocks: WireUserBlock[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === "user") last.content.push(...blocks);
  else turns.push({ role: "user", content: blocks });
}

function addAssistant(turns: WireMessage[], parts: AssistantPart[], options: MessageOptions): void {
  const blocks = parts.flatMap((part) => toAssistantBlock(part, options));
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === "assistant") last.content.push(...blocks);
  else turns.push({ role: "assistant", content: blocks });
}

function toUserBlocks(
  message: Exclude<Message, { role: "assistant" }>,
  options: MessageOptions,
  deferred: ReadonlySet<string>,
): WireUserBlock[] {
  switch (message.role) {
    case "system": {
      const text = message.content.map((part) => part.text).filter((line) => line.trim() !== "");
      const cache = message.content.findLast((part) => part.cache !== undefined)?.cache;
      if (text.length === 0) return [];
      return [
        toTextBlock({
          type: "text",
          text: `<system-reminder>\n${text.join("\n\n")}\n</system-reminder>`,
          cache,
        }),
      ];
    }
    case "user":
      return toContent(message.content, options);
    case "tool":
      return message.content.map((part) => toResult(part, options, deferred));
    default:
      return message satisfies never;
  }
}

const toContent = (parts: UserPart[], { drop }: MessageOptions) =>
  parts.flatMap((part): Exclude<WireResultBlock, WireToolReference>[] => {
    if (part.native?.origin === PROTOCOL) return toVerbatim(part.native);
    return part.type === "text" ? toTextBlocks([part]) : [buildMedia(part, drop)];
  });

/** The block as it came; nothing where the part before it brings it. */
const toVerbatim = ({ body }: Native): WireVerbatim[] =>
  isObject(body) ? [body as unknown as WireVerbatim] : [];

function toResult(
  part: ToolResultPart,
  options: MessageOptions,
  deferred: ReadonlySet<string>,
): WireToolResult {
  const blocks = toContent(part.content, options).map((block): WireResultBlock => {
    if (block.type !== "text") return block;
    const loaded = readToolLoadedText(block.text);
    if (loaded === undefined || !deferred.has(loaded)) return block;
    return toReference(options.names.toWire(loaded), block.cache_control);
  });
  // An error must say something: "content cannot be empty if is_error is true".
  if (blocks.length === 0 && part.isError) blocks.push({ type: "text", text: "error" });
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.type === "text" && only.cache_control === undefined;
  return {
    type: "tool_result",
    tool_use_id: toWireId(part.id),
    ...(blocks.length > 0 && { content: isPlain ? only.text : blocks }),
    ...(part.isError && { is_error: true }),
    ...readOwn(part.native),
    ...toCache(part.cache),
  };
}

const toReference = (name: string, cache: unknown): WireToolReference => ({
  type: "tool_reference",
  tool_name: name,
  ...toCache(cache),
});

function toAssistantBlock(part: AssistantPart, options: MessageOptions): WireAssistantBlock[] {
  switch (part.type) {
    case "text":
      if (part.native?.origin === PROTOCOL) return toVerbatim(part.native);
      return toTextBlocks([part]).map((block) => ({ ...block, ...toOwnCitations(part.citations) }));
    case "thinking": {
      const value = part.signature?.origin === PROTOCOL ? part.signature.value : undefined;
      if (part.redacted) return value === undefined ? [] : [{ type: "redacted_thinking", data: value }];
      if (value !== undefined) return [{ type: "thinking", thinking: part.text, signature: value }];
      return options.sendReasoning && part.text !== "" && !part.signature
        ? [{ type: "thinking", thinking: part.text, signature: "" }]
        : [];
    }
    case "tool-call":
      return [
        {
          type: "tool_use",
          id: toWireId(part.id),
          name: options.names.toWire(part.name),
          input: toArgsObject(part.args),
          ...readOwn(part.native),
          ...toCache(part.cache),
        },
      ];
    case "media":
      return [];
    default:
      return part satisfies never;
  }
}

function finish(turns: WireMessage[]): WireMessage[] {
  const kept: WireMessage[] = [];
  for (const turn of turns) {
    if (turn.role === "user") addUser(kept, turn.content);
    else {
      // "The final block in an assistant message cannot be `thinking`": an answer cut off while it thought.
      while (turn.content.at(-1)?.type.endsWith("thinking")) turn.content.pop();
      if (turn.content.length) kept.push(turn);
    }
  }
  const last = kept.at(-1);
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  // "final assistant content cannot end with trailing whitespace"
  if (block?.type === "text") block.text = block.text.trimEnd();
  if (kept[0]?.role === "assistant") {
    kept.unshift({ role: "user", content: [{ type: "text", text: "(The conversation goes on.)" }] });
  }
  return kept;
}

const ID_RULE = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 256 };
