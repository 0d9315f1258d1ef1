import type { WriteContext } from "../adapter.ts";
import type { Block } from "../blocks.ts";
import { completeArgs } from "../call-args.ts";
import { toDataUrl } from "../data-url.ts";
import { findTool } from "../tool-ids.ts";
import type { MediaPart } from "../unified.ts";
import type { Json } from "../validate.ts";
import { writeAnnotations } from "./annotations.ts";
import { findBuiltIn, writeBuiltInCall, type BuiltIn } from "./built-in-tools.ts";
import { decodeInput } from "./input-decoder.ts";
import { writeItemId } from "./item-id.ts";
import { sealReasoning } from "./reasoning-seal.ts";
import { nativeName, type ItemStatus } from "./wire.ts";

/** An output item's fixed part: what is known of it when its block starts. */
export type OpenItem =
  | { type: "message" | "reasoning" | "image_generation_call"; id: string }
  | {
      type: "function_call" | "custom_tool_call";
      id: string;
      callId: string;
      name: string;
      namespace?: string;
    }
  | { type: "built_in_call"; id: string; callId: string; builtIn: BuiltIn };

/** Picks the item that carries a block, and its ids. A call gets back the name, kind and namespace the client knows. */
export function openItem(block: Block, context: WriteContext): OpenItem {
  switch (block.kind) {
    case "text":
    case "refusal":
      return { type: "message", id: writeItemId("msg", context, block.index) };
    case "thinking":
      return { type: "reasoning", id: writeItemId("rs", context, block.index) };
    case "media":
      return isPicture(block.media)
        ? { type: "image_generation_call", id: writeItemId("ig", context, block.index) }
        : { type: "message", id: writeItemId("msg", context, block.index) };
    case "tool-call": {
      const tool = findTool(context.request, block.name);
      const callId = block.id || `call_${context.newId()}`;
      const builtIn = findBuiltIn(tool);
      if (builtIn) {
        const id = writeItemId(builtIn.prefix, context, block.index);
        return { type: "built_in_call", id, callId, builtIn };
      }
      const custom = tool?.kind === "custom";
      const id = writeItemId(custom ? "ctc" : "fc", context, block.index);
      return {
        type: custom ? "custom_tool_call" : "function_call",
        id,
        callId,
        name: tool ? nativeName(tool) : block.name,
        // Codex answers "unsupported call" to a namespaced tool without its namespace.
        ...(tool?.namespace !== undefined && { namespace: tool.namespace }),
      };
    }
    default:
      return block satisfies never;
  }
}

/** The item at its start ("in_progress": empty) or at its end. */
export function writeItem(open: OpenItem, block: Block, status: ItemStatus, logprobs: unknown[] = []): Json {
  const begun = status === "in_progress";
  switch (open.type) {
    case "message":
      return {
        id: open.id,
        type: open.type,
        status,
        role: "assistant",
        content: begun ? [] : [writePart(block, logprobs)],
      };
    case "reasoning": {
      if (block.kind !== "thinking") break;
      const { text, signature, redacted } = block;
      return {
        id: open.id,
        type: open.type,
        summary: begun || text === "" ? [] : [{ type: "summary_text", text }],
        ...(!begun && signature && { encrypted_content: sealReasoning(signature, redacted) }),
      };
    }
    case "function_call":
    case "custom_tool_call": {
      if (block.kind !== "tool-call") break;
      const { type, id, callId: call_id, name, namespace } = open;
      const content =
        type === "function_call"
          ? { arguments: begun ? "" : completeArgs(block.args) }
          : { input: begun ? "" : decodeInput(block.args) };
      return { id, type, status, call_id, name, ...(namespace !== undefined && { namespace }), ...content };
    }
    case "built_in_call": {
      if (block.kind !== "tool-call") break;
      const { id, callId: call_id, builtIn } = open;
      const call = writeBuiltInCall(builtIn, begun ? "" : block.args);
      return { id, type: builtIn.item, status, call_id, ...call };
    }
    case "image_generation_call":
      return { id: open.id, type: open.type, status, result: begun ? null : pictureData(block) };
    default:
      return open satisfies never;
  }
  throw new TypeError(`a ${block.kind} block cannot become a ${open.type} item`);
}

/** The content part of a message item. */
export function writePart(block: Block, logprobs: unknown[] = []): Json {
  if (block.kind === "refusal") return { type: "refusal", refusal: block.text };
  const text = partText(block);
  const annotations = block.kind === "text" ? writeAnnotations(block.citations, text.length) : [];
  return { type: "output_text", text, annotations, logprobs };
}

/** Text that stands in a message item for a block. */
export function partText(block: Block): string {
  if (block.kind === "media") return mediaText(block.media);
  return "text" in block ? block.text : "";
}

const isPicture = (media: MediaPart): boolean =>
  media.mimeType.startsWith("image/") && media.source.kind === "base64";

const pictureData = (block: Block): string | null =>
  block.kind === "media" && block.media.source.kind === "base64" ? block.media.source.data : null;

/** There is no item for sounds, films and links: they are shown as a link, so that nothing is lost. */
const mediaText = (media: MediaPart): string => `[${media.name ?? media.mimeType}](${toDataUrl(media)})`;
