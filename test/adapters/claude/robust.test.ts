import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/claude/build-request.ts";
import { parseError } from "../../../adapters/claude/parse-error.ts";
import { parseRequest } from "../../../adapters/claude/parse-request.ts";
import { parseResponse } from "../../../adapters/claude/parse-response.ts";
import { createStreamParser } from "../../../adapters/claude/parse-stream.ts";
import { createStreamWriter } from "../../../adapters/claude/write-stream.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import type { AssistantPart, Message, ToolResultPart, UserPart } from "../../../adapters/unified.ts";
import { context, names, readJson, readText, request } from "./fixtures.ts";

interface Turn {
  role: string;
  content: { type: string; text?: string; id?: string; tool_use_id?: string }[];
}

const id = fc.constantFrom("a", "b", "c.d");
const words = fc.constantFrom("", " ", "hi", "so ");
const text = words.map((value) => ({ type: "text" as const, text: value }));
const media = fc.constantFrom("image/png", "audio/wav").map((mimeType) => ({
  type: "media" as const,
  mimeType,
  source: { kind: "base64" as const, data: "AA==" },
}));
const thinking = fc.constantFrom("claude", "gemini").map((origin) => ({
  type: "thinking" as const,
  text: "hm",
  signature: { origin, value: "s" },
}));
const userPart: fc.Arbitrary<UserPart> = fc.oneof(text, media);
const result: fc.Arbitrary<ToolResultPart> = fc
  .tuple(id, fc.array(userPart, { maxLength: 2 }))
  .map(([call, content]) => ({ type: "tool-result", id: call, name: "t", content }));
const list = <T>(part: fc.Arbitrary<T>) => fc.array(part, { maxLength: 3 });
const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  text,
  media,
  thinking,
  id.map((call) => ({ type: "tool-call" as const, id: call, name: "t", args: "{}" })),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant("user" as const), content: list(userPart) }),
  fc.record({ role: fc.constant("system" as const), content: list(text) }),
  fc.record({ role: fc.constant("tool" as const), content: list(result) }),
  fc.record({
    role: fc.constant("assistant" as const),
    // One answer never names a call twice.
    content: list(assistantPart).map((parts) => {
      const seen = new Set<string>();
      return parts.filter((part) => part.type !== "tool-call" || (!seen.has(part.id) && seen.add(part.id)));
    }),
  }),
);

describe("any conversation", () => {
  it("traps 5, 7 and 11: becomes one that Claude accepts", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 7 }), (messages) => {
        const said: Message = { role: "user", content: [{ type: "text", text: "go" }] };
        const { body = {} } = buildRequest(request({ messages: [...messages, said] }));
        const turns = body.messages as Turn[];
        for (const [index, turn] of turns.entries()) {
          expect(turn.role).toBe(index % 2 === 0 ? "user" : "assistant");
          expect(turn.content.length).toBeGreaterThan(0);
          for (const block of turn.content)
            if (block.type === "text") expect(block.text?.trim()).not.toBe("");
          const results = turn.content.filter(({ type }) => type === "tool_result");
          expect(turn.content.slice(0, results.length)).toEqual(results);
          const calls = turns[index - 1]?.content.filter(({ type }) => type === "tool_use") ?? [];
          if (turn.role !== "user") continue;
          const called = new Set(calls.map((block) => block.id));
          const answered = results.map((block) => block.tool_use_id);
          expect(new Set(answered)).toEqual(called);
          expect(answered).toHaveLength(called.size);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Every way to replace one value somewhere in a JSON value by junk. */
function* spoil(value: unknown, junk: unknown): Generator<unknown> {
  yield junk;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const spoiled of spoil(item, junk)) yield value.with(index, spoiled);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const spoiled of spoil(item, junk)) yield { ...value, [key]: spoiled };
    }
  }
}
const JUNK: unknown[] = [null, 0, "x", [], {}, [null], [{}], { toString: 1, valueOf: 1, type: 5 }];

function expectGatewayErrors(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
  }
}

describe("spoiled input", () => {
  it("never breaks the reading of requests", () => {
    const wide = {
      ...readJson("requests/opencode.turn2.json"),
      tools: [
        { name: "a", input_schema: { type: "object" }, cache_control: {} },
        { type: "bash_1", name: "b" },
      ],
      tool_choice: { type: "tool", name: "a" },
      thinking: { type: "enabled", budget_tokens: 5 },
      output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
      metadata: { user_id: "u" },
      context_management: { edits: [{ type: "clear_thinking_1" }] },
    };
    for (const junk of JUNK) {
      for (const body of spoil(wide, junk)) expectGatewayErrors(() => buildRequest(parseRequest(body)));
    }
  });

  it("never breaks the reading of answers", () => {
    for (const name of names("responses")) {
      const body = readJson(`responses/${name}`);
      for (const junk of JUNK) {
        for (const spoiled of spoil(body, junk)) expectGatewayErrors(() => parseResponse(spoiled, request()));
      }
    }
  });

  it("never breaks the reading of streams, which end once all the same, nor their writing", () => {
    for (const name of names("streams")) {
      const frames = readText(`streams/${name}`).split("\n\n");
      for (const [index, frame] of frames.entries()) {
        const data = frame.slice(frame.indexOf("data:") + 5);
        if (!data.trim().startsWith("{")) continue;
        for (const junk of JUNK) {
          for (const spoiled of spoil(JSON.parse(data), junk)) {
            const text = frames.with(index, `data: ${JSON.stringify(spoiled)}`).join("\n\n");
            const parser = createStreamParser(request());
            const events = [...parser.push(text), ...parser.end()];
            expect(events.filter(({ type }) => type === "finish" || type === "error")).toHaveLength(1);
            const writer = createStreamWriter(context());
            expect(writer.push(events) + writer.end()).toMatch(/event: (message_stop|error)\n.*\n\n$/);
          }
        }
      }
    }
  });

  it("never breaks the reading of errors", () => {
    const body = { type: "error", error: { type: "api_error", message: "m", details: [] } };
    for (const junk of JUNK) {
      for (const spoiled of spoil(body, junk)) {
        expect(parseError(500, JSON.stringify(spoiled), {}).message).not.toBe("");
      }
    }
  });
});
