import type { StreamParser } from "../adapter.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSseParser, type SseEvent } from "../sse.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createAnswerReader } from "./read-answer.ts";

/** Server-sent events of a provider as unified events. */
export function createStreamParser(request: UnifiedRequest): StreamParser {
  const sse = createSseParser();
  const parseJson = createAlikeParser();
  const answer = createAnswerReader(request);

  const take = ({ event: name, data }: SseEvent): StreamEvent[] => {
    if (data.trim() === "" || data.trim() === "[DONE]") return [];
    const event = parseJson(data);
    // A piece of the answer may be lost with it.
    if (event === undefined) return answer.take("error", BROKEN);
    if (!isObject(event)) return [];
    // The type stands in the data; some gateways name it only in the event line.
    return answer.take(typeof event.type === "string" ? event.type : (name ?? ""), event);
  };
  return {
    push: (text) => sse.push(text).flatMap(take),
    end: () => [...sse.end().flatMap(take), ...answer.end()],
  };
}

const BROKEN = { message: "the provider's stream holds an event that is no JSON" };
