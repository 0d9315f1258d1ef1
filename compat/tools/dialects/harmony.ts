import type { Block, BlockContext, Dialect, Verdict } from "../block.ts";
import { parseJson } from "../values/parse-json.ts";

const ENDS = ["<|call|>", "<|end|>", "<|return|>", "<|start|>", "<|channel|>"];

/**
 * gpt-oss: `<|channel|>commentary to=functions.f <|constrain|>json<|message|>{…}<|call|>`. The recipient may stand
 * before the channel; a header without one opens visible text, and its tokens are dropped.
 */
export const harmony: Dialect = {
  name: "harmony",
  openers: [
    ...["<|channel|>", "<|start|>"].map((mark) => ({
      mark,
      special: true,
      open: (context: BlockContext) => createHarmonyBlock(context),
    })),
    ...["commentary", "analysis"].map((mark) => ({
      mark,
      where: "behind" as const,
      open: createChannelBlock,
    })),
  ],
  drop: ["<|end|>", "<|return|>", "<|call|>", "<|message|>", "<|constrain|>"],
};

/** A channel's name without its token, right behind a call: models begin another message so, and stop there. */
function createChannelBlock(): Block {
  const alone = { calls: [], repairs: ["channel without a message"] };
  return {
    push(text) {
      const solid = text.trimStart();
      if (solid === "") return undefined;
      return solid[0] === "<" ? { ...alone, rest: solid } : "reject";
    },
    end: () => ({ ...alone, rest: "" }),
  };
}

function createHarmonyBlock(context: BlockContext): Block {
  let head = "";
  let inBody = false;
  let body = "";
  const pieces: string[] = [];

  const step = (character: string): Verdict | undefined => {
    if (inBody) return stepBody(character);
    head += character;
    if (head.endsWith("<|message|>")) {
      head = head.slice(0, -11);
      if (recipient(head) === undefined) return { calls: [], rest: "" };
      inBody = true;
    } else if (head.endsWith("<|end|>") || head.length > 300) return "reject";
    return undefined;
  };
  const stepBody = (character: string): Verdict | undefined => {
    pieces.push(character);
    if (character !== ">") {
      body = (body + character).slice(-24);
      return undefined;
    }
    body = (body + character).slice(-24);
    const mark = ENDS.find((end) => body.endsWith(end));
    if (mark === undefined) return undefined;
    const text = pieces.join("").slice(0, -mark.length);
    const calls = read(text);
    if (!calls) return mark === "<|call|>" ? "reject" : undefined;
    return { calls, rest: mark === "<|start|>" || mark === "<|channel|>" ? mark : "" };
  };
  const read = (text: string) => {
    const name = recipient(head);
    if (name === undefined) return undefined;
    const trimmed = text.trim();
    const reading = trimmed === "" ? undefined : parseJson(trimmed);
    if (trimmed === "") return [{ name, args: { kind: "value" as const, value: {} } }];
    return reading && !reading.cut
      ? [{ name, args: { kind: "value" as const, value: reading.value } }]
      : undefined;
  };
  const recipient = (text: string): string | undefined => {
    const to = /\bto=([^\s<]{1,200})/.exec(text)?.[1];
    return to === undefined || to === "user" || to === "assistant"
      ? undefined
      : (context.names.resolve(to)?.name ?? to.replace(/^functions\./, ""));
  };
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) {
        const verdict = step(text[at] ?? "");
        if (verdict === "reject") return verdict;
        if (verdict) return { ...verdict, rest: verdict.rest + text.slice(at + 1) };
      }
      return undefined;
    },
    end() {
      if (!inBody) return "reject";
      const calls = read(pieces.join(""));
      return calls && pieces.length ? { calls, rest: "" } : { calls: [], rest: "", truncated: true };
    },
  };
}
