import type { StreamEvent } from "../adapters/unified.ts";

/**
 * Tells when an answer has begun so far that no other provider may be tried any more: with the first text or call.
 * Greetings are held back for it, and thoughts for a short while: a client that saw one does not try again by itself.
 *
 * `now`: milliseconds.
 */
export function createCommitPoint(now: () => number): (events: StreamEvent[]) => boolean {
  let thought = 0;
  let since: number | undefined;
  return (events) => {
    for (const event of events) {
      switch (event.type) {
        case "start":
        case "error":
        case "logprobs":
          break;
        case "thinking-delta":
        case "thinking-signature":
          since ??= now();
          if (event.type === "thinking-delta") thought += event.text.length;
          if (thought > MAX_THOUGHT || now() - since > MAX_THINKING_MS) return true;
          break;
        case "text-delta":
        case "refusal-delta":
          if (event.text !== "") return true;
          break;
        default:
          return true;
      }
    }
    return false;
  };
}

/** Characters. */
const MAX_THOUGHT = 1024;
const MAX_THINKING_MS = 2000;
