import type { WriteContext } from "../adapter.ts";
import { toArgsObject } from "../call-args.ts";
import type { AssistantPart, UnifiedResult } from "../unified.ts";
import { toStopDetails, toStopReason } from "./finish-reason.ts";
import { writeUsage } from "./usage.ts";
import type { WireAssistantBlock } from "./wire.ts";
import { toMediaText, toSignatureText } from "./write-blocks.ts";

export function writeResponse(result: UnifiedResult, context: WriteContext): unknown {
  const { finishReason: reason, stopSequence, refusal } = result;
  const refused = refusal !== undefined && refusal !== "";
  const content = result.content.flatMap((part) => toBlock(part, context));
  if (refused) content.push({ type: "text", text: refusal });
  const called = result.content.some((part) => part.type === "tool-call");
  const stop_reason = toStopReason({ reason, stopSequence, called, refused });
  return {
    id: `msg_${context.id}`,
    type: "message",
    role: "assistant",
    model: context.request.model,
    content,
    stop_reason,
    stop_sequence: stopSequence ?? null,
    stop_details: toStopDetails(stop_reason),
    usage: writeUsage(result.usage),
  };
}

function toBlock(part: AssistantPart, { newId }: WriteContext): WireAssistantBlock[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ type: "text", text: part.text }];
    case "thinking": {
      const signature = toSignatureText(part.signature);
      if (part.redacted) return [{ type: "redacted_thinking", data: signature }];
      return [{ type: "thinking", thinking: part.text, signature }];
    }
    case "tool-call": {
      const id = part.id === "" ? `toolu_${newId()}` : part.id;
      return [{ type: "tool_use", id, name: part.name, input: toArgsObject(part.args) }];
    }
    case "media":
      return [{ type: "text", text: toMediaText(part) }];
    default:
      return part satisfies never;
  }
}
