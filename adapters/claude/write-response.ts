import type { WriteContext } from "../adapter.ts";
import { toArgsObject } from "../call-args.ts";
import type { AssistantPart, UnifiedResult } from "../unified.ts";
import { writeCallFields, toMediaText, toSignatureText } from "./write-blocks.ts";
import { writeCitation } from "./write-citation.ts";
import { writeWhole } from "./write-message.ts";
import { PROTOCOL } from "./wire.ts";

export function writeResponse(result: UnifiedResult, context: WriteContext): unknown {
  const { finishReason: reason, stopSequence, refusal = "", usage, native } = result;
  const refused = refusal !== "";
  const content: unknown[] = [];
  for (const part of result.content) {
    const block = toBlock(part, context);
    if (block !== undefined) content.push(block);
  }
  if (refused) content.push({ type: "text", text: refusal });
  const called = result.content.some((part) => part.type === "tool-call");
  return writeWhole(content, { reason, stopSequence, called, refused, usage, native }, context);
}

/** None for what says nothing in this protocol. */
function toBlock(part: AssistantPart, { newId }: WriteContext): unknown {
  switch (part.type) {
    case "text": {
      if (part.native) return part.native.origin === PROTOCOL ? part.native.body : undefined;
      const citations = part.citations?.flatMap(writeCitation) ?? [];
      if (citations.length > 0) return { citations, type: "text", text: part.text };
      // Where nothing is cited the API leaves the field out, and the AI SDK takes no null for it.
      return part.text === "" ? undefined : { type: "text", text: part.text };
    }
    case "thinking": {
      const signature = toSignatureText(part.signature);
      if (part.redacted) return { type: "redacted_thinking", data: signature };
      return { type: "thinking", thinking: part.text, signature };
    }
    case "tool-call": {
      const id = part.id === "" ? `toolu_${newId()}` : part.id;
      return {
        type: "tool_use",
        id,
        name: part.name,
        input: toArgsObject(part.args),
        ...writeCallFields(part.native),
      };
    }
    case "media":
      return { type: "text", text: toMediaText(part) };
    default:
      return part satisfies never;
  }
}
