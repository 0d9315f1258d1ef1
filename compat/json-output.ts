import type { EventStage } from "../adapters/sequence-calls.ts";
import type { Output, StreamEvent, UnifiedRequest } from "../adapters/unified.ts";

/**
 * The request for a model without a JSON mode: what the caller asked for stands in the system prompt. `calls`: the
 * model may write calls, which are no answer.
 */
export function askForJson(
  request: UnifiedRequest,
  { calls = false }: { calls?: boolean } = {},
): UnifiedRequest {
  if (!request.output) return request;
  const { output, ...rest } = request;
  const text = (calls ? "When you call no tool: " : "") + writeInstruction(output);
  return { ...rest, system: [...(request.system ?? []), { type: "text", text }] };
}

function writeInstruction(output: Output): string {
  const rule = "Answer with one JSON value and nothing else: no explanation, no Markdown fence.";
  if (output.type === "json") return `${rule} The value is an object.`;
  return `${rule} It must match this JSON Schema:\n${JSON.stringify(output.schema)}`;
}

/** Takes away the Markdown fence that models put around JSON all the same. Holds back only what may be the fence. */
export function createJsonStage(): EventStage {
  let begun = false;
  let fenced = false;
  let held = "";

  const flush = (ended: boolean): string => {
    if (!begun) {
      const solid = held.trimStart();
      if (
        !ended &&
        held.length < 1000 &&
        (solid === "" || "```".startsWith(solid) || /^```[\w-]{0,20}$/.test(solid))
      )
        return "";
      begun = true;
      const fence = /^```[\w-]{0,20}[ \t]*\r?\n/.exec(solid);
      fenced = fence !== null;
      if (fence) held = solid.slice(fence[0].length);
    }
    if (!fenced) return take(held.length);
    const closing = /\s*`{1,3}\s*$/.exec(held.slice(-40)) ?? /\s*$/.exec(held.slice(-40));
    const tail = closing?.[0] ?? "";
    if (!ended) return take(held.length - tail.length);
    const text = tail.includes("```") ? held.slice(0, -tail.length) : held;
    held = "";
    return text;
  };
  const take = (length: number): string => {
    const text = held.slice(0, length);
    held = held.slice(length);
    return text;
  };
  const put = (text: string, out: StreamEvent[]): void => {
    if (text !== "") out.push({ type: "text-delta", text });
  };
  return {
    push(events) {
      const out: StreamEvent[] = [];
      for (const event of events) {
        if (event.type === "text-delta") {
          held += event.text;
          put(flush(false), out);
        } else {
          if (event.type === "finish") put(flush(true), out);
          out.push(event);
        }
      }
      return out;
    },
    end() {
      const out: StreamEvent[] = [];
      put(flush(true), out);
      // The model may be asked again; its next answer may have a fence again.
      begun = false;
      fenced = false;
      return out;
    },
  };
}
