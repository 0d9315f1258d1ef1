import type { Block, BlockContext, Dialect, SpanReading, Verdict } from "../block.ts";
import { parseJson } from "../values/parse-json.ts";
import { withoutFence } from "../values/without-fence.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";

/** `Action:` and `Action Input:` on lines of their own; old Command R puts fenced JSON behind `Action:`. */
export const react: Dialect = {
  name: "react",
  openers: [{ mark: "Action:", where: "line", open: (context) => createReactBlock(context) }],
  stop: ["Observation:"],
};

function createReactBlock(context: BlockContext): Block {
  let text = "";
  const pieces: string[] = [];
  let name: string | undefined;
  const step = (): Verdict | undefined => {
    const fenced = /^\s*```/.test(text) || "```".startsWith(text.trim());
    if (fenced) return undefined;
    const head = /^[ \t]*([^\n]{1,128})\n\s*Action Input:/.exec(text);
    if (head) {
      name = (head[1] ?? "").trim();
      return undefined;
    }
    return /^[ \t]*[^\n]{0,128}(?:\n\s{0,40}[\w ]{0,13}:?)?$/.test(text) ? undefined : "reject";
  };
  return {
    push(piece) {
      for (const character of piece) {
        pieces.push(character);
        if (name !== undefined || text.length > 600) continue;
        text += character;
        if (step() === "reject") return "reject";
      }
      return undefined;
    },
    waitsFor: () => (name !== undefined || text.length > 600 ? "end" : "little"),
    end() {
      const whole = pieces.join("");
      const stop = whole.search(/\n\s{0,8}Observation:/);
      const body = stop === -1 ? whole : whole.slice(0, stop);
      const calls = name === undefined ? readJsonCalls(body, true, context) : readInput(name, body);
      if (calls === "cut") return { calls: [], rest: "", truncated: true };
      const found = typeof calls === "object" && "end" in calls ? calls.calls : calls;
      return found?.length ? { calls: found, rest: "" } : "reject";
    },
  };
}

function readInput(name: string, body: string): SpanReading {
  const input = body.slice(body.indexOf("Action Input:") + 13).trim();
  if (input === "") return [{ name, args: { kind: "value", value: {} } }];
  const reading = parseJson(withoutFence(input));
  if (reading?.cut) return "cut";
  return reading ? [{ name, args: { kind: "value", value: reading.value } }] : undefined;
}
