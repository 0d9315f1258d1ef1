import type { StreamParser } from "../adapter.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSkimmer } from "../skim-wire.ts";
import { createSseParser, type SseEvent } from "../sse.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createAnswerReader } from "./read-answer.ts";
import { createTextEvents, TEXT_DELTA, withText } from "./text-event.ts";

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
    push: createSkimmer({
      texts: createTextEvents(),
      close: "\n\n",
      isBetween: sse.isBetween,
      isOver: () => false,
      read(wire, out) {
        for (const event of sse.push(wire)) out.push(...take(event));
      },
      takeText(text, sample, out) {
        for (const event of answer.take(TEXT_DELTA, withText(sample, text))) out.push(event);
        return true;
      },
    }),
    end: () => [...sse.end().flatMap(take), ...answer.end()],
  };
}

const BROKEN = { message: "the provider's stream holds an event that is no JSON" };
