import type { StreamParser } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSkimmer } from "../skim-wire.ts";
import { createSseParser, type SseEvent } from "../sse.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createToolNames } from "./build-tools.ts";
import { createEventReader } from "./read-events.ts";
import { createTextEvents, withText } from "./text-event.ts";

export function createStreamParser(request: UnifiedRequest): StreamParser {
  const sse = createSseParser();
  const parseJson = createAlikeParser();
  const reader = createEventReader(createToolNames(request));
  let failed = false;

  const fail = (message: string, out: StreamEvent[]): void => {
    failed = true;
    out.push({ type: "error", error: new GatewayError("upstream", message) });
  };
  const take = (events: SseEvent[], out: StreamEvent[]): void => {
    for (const { data } of events) {
      if (failed || reader.done()) return;
      // "[DONE]" is OpenAI's; some imitators end with it.
      if (data === "" || data === "[DONE]") continue;
      const event = parseJson(data);
      if (isObject(event)) reader.take(event, out);
      else if (event === undefined) fail("the provider sent an event that is no JSON", out);
    }
  };
  return {
    push: createSkimmer({
      texts: createTextEvents(),
      close: "\n\n",
      isBetween: sse.isBetween,
      isOver: () => failed || reader.done(),
      read: (wire, out) => take(sse.push(wire), out),
      takeText(text, sample, out) {
        reader.take(withText(sample, text), out);
        return true;
      },
    }),
    end: () => {
      const out: StreamEvent[] = [];
      take(sse.end(), out);
      if (!failed && !reader.close(out)) fail("the provider's answer ended before it was finished", out);
      return out;
    },
  };
}
