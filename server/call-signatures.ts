import type { AssistantPart, Signature, StreamEvent, UnifiedRequest } from "../adapters/unified.ts";

/**
 * Signatures of tool calls by call id, for clients whose protocol cannot carry them: Gemini wants them back on every
 * later turn. Bounded; what is forgotten, the provider's adapter replaces as well as it can.
 */
export interface CallSignatures {
  remember: (events: StreamEvent[]) => void;
  /** The request with signatures put back on past calls that lost them. */
  restore: (request: UnifiedRequest) => UnifiedRequest;
}

export function createCallSignatures(limit = 20_000): CallSignatures {
  const known = new Map<string, Signature>();
  const complete = (part: AssistantPart): AssistantPart => {
    const signature = part.type === "tool-call" && !part.signature ? known.get(part.id) : undefined;
    return signature ? ({ ...part, signature } as AssistantPart) : part;
  };
  return {
    remember(events) {
      for (const event of events) {
        if (event.type !== "tool-start" || !event.signature || !event.id) continue;
        known.set(event.id, event.signature);
        if (known.size > limit) dropOldest(known);
      }
    },
    restore(request) {
      if (known.size === 0) return request;
      const messages = request.messages.map((message) =>
        message.role === "assistant" ? { ...message, content: message.content.map(complete) } : message,
      );
      return { ...request, messages };
    },
  };
}

function dropOldest(map: Map<string, unknown>): void {
  const { value } = map.keys().next();
  if (value !== undefined) map.delete(value);
}
