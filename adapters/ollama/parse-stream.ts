import type { StreamParser } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { createNdjsonParser } from "../ndjson.ts";
import { createAlikeParser } from "../parse-alike.ts";
import { createSkimmer } from "../skim-wire.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createAnswerReader } from "./read-answer.ts";
import { createTextLines } from "./text-line.ts";

/** NDJSON: an object per line, ended by the one with `done: true`, which also holds the counts. */
export function createStreamParser(request: UnifiedRequest): StreamParser {
  const lines = createNdjsonParser();
  const parseLine = createAlikeParser();
  const read = createAnswerReader(request);
  let begun = false;
  let over = false;

  const take = (line: string): StreamEvent[] => {
    if (over) return [];
    begun = true;
    const answer = parseLine(line);
    const events: StreamEvent[] = isObject(answer) ? read(answer) : [failure(UNREADABLE)];
    const last = events.at(-1)?.type;
    over = last === "finish" || last === "error";
    return events;
  };
  return {
    push: createSkimmer({
      texts: createTextLines(),
      close: "\n",
      isBetween: () => begun && lines.isBetween(),
      isOver: () => over,
      read(wire, out) {
        for (const line of lines.push(wire)) out.push(...take(line));
      },
      takeText(text, _sample, out) {
        out.push({ type: "text-delta", text });
        return true;
      },
    }),
    end() {
      const events = lines.end().flatMap(take);
      if (over) return events;
      over = true;
      return [...events, failure(BROKEN_OFF)];
    },
  };
}

const failure = (message: string): StreamEvent => ({
  type: "error",
  error: new GatewayError("upstream", message),
});
const UNREADABLE = "the provider's stream holds a line that is no JSON object";
const BROKEN_OFF = "the provider's stream ended before its last line (`done: true`)";
