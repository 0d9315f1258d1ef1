import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import type { FinishReason, StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import { call, client, context, listOf, parse, provider, readFrames, writeEvents } from "./load.ts";

const compactCall = { ...call, variant: "compact" };
const conversation = [
  { role: "user", content: "Fix the bug." },
  { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
  { type: "function_call_output", call_id: "c", output: "found" },
  { type: "message", role: "user", content: [{ type: "input_text", text: "Go on." }] },
];
const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];
const format = { type: "json_object" };
const trigger = {
  model: "m",
  stream: true,
  tools,
  text: { format },
  input: [...conversation, { type: "compaction_trigger" }],
};
const told = (text: string, reason: FinishReason = "stop"): StreamEvent[] => [
  { type: "start" },
  { type: "thinking-delta", text: "Hm." },
  { type: "text-delta", text },
  { type: "tool-start", index: 0, id: "x", name: "f" },
  { type: "finish", reason, usage: { inputTokens: 50, outputTokens: 5 } },
];
const SUMMARY = "The user wants the bug fixed: 🐞.";
const compactionOf = (list: unknown): Record<string, unknown> | undefined =>
  listOf(list).find(({ type }) => type === "compaction");

describe.each([
  ["the route", { ...trigger, input: conversation }, compactCall],
  ["the trigger in a conversation", trigger, call],
])("compaction by %s, at a provider that has none", (_, body, at) => {
  const request: UnifiedRequest = client.parseRequest(body, at);
  const write = (events: StreamEvent[]): Record<string, unknown> =>
    client.writeResponse(foldEvents(events), { ...context(request), call: at }) as Record<string, unknown>;

  it("asks the model for a summary, and for nothing else", () => {
    expect(request.messages).toHaveLength(5);
    expect(request.messages.at(-1)).toMatchObject({ role: "user", content: [{ text: /summary/ }] });
    expect(request).toMatchObject({ toolChoice: "none", tools: [{ name: "f" }] });
    expect(request.output).toBeUndefined();
    expect(request.nativeOnly).toBeUndefined();
  });

  it("the summary takes the place of the conversation", () => {
    const item = compactionOf(write(told(SUMMARY)).output);
    expect(item).toMatchObject({ id: expect.stringMatching(/^cmp_/) as unknown, type: "compaction" });
    const next = parse({ model: "m", input: [item, { role: "user", content: "And?" }] });
    expect(next.nativeOnly).toBeUndefined();
    expect(next.messages).toMatchObject([
      { role: "user", content: [{ text: expect.stringContaining(SUMMARY) as unknown }] },
      { role: "user", content: [{ text: "And?" }] },
    ]);
    // Nor would a provider of the API know what is sealed here.
    const raw = client.editRequest({ model: "m", input: [item] }, {});
    expect(listOf(raw.input)).toMatchObject([
      { type: "message", role: "user", content: [{ text: expect.stringContaining(SUMMARY) as unknown }] },
    ]);
  });

  it.each([
    ["", "stop"],
    ["half a", "length"],
  ] as const)("without a whole summary it fails (%s)", (text, reason) => {
    expect(() => write(told(text, reason))).toThrow(GatewayError);
  });
});

it("the route gives back the user's messages and the summary", () => {
  const request = client.parseRequest({ model: "m", input: conversation }, compactCall);
  expect(request.stream).toBe(false);
  expect(client.writeResponse(foldEvents(told(SUMMARY)), { ...context(request), call: compactCall })).toEqual(
    {
      id: `resp_${"R".repeat(24)}`,
      object: "response.compaction",
      created_at: 1_760_000_000,
      output: [
        message(1, "Fix the bug."),
        message(2, "Go on."),
        {
          id: `cmp_${"R".repeat(24)}0`,
          type: "compaction",
          encrypted_content: expect.any(String) as unknown,
        },
      ],
      usage: expect.objectContaining({ input_tokens: 50, output_tokens: 5, total_tokens: 55 }) as unknown,
    },
  );
});
const message = (index: number, text: string) => ({
  id: `msg_${"R".repeat(24)}${index}`,
  type: "message",
  status: "completed",
  role: "user",
  content: [{ type: "input_text", text }],
});

it("trap 26: a stream holds exactly one item, as Codex wants it", () => {
  const events = writeEvents(told(SUMMARY, "tool-calls"), parse(trigger));
  expect(events.map(({ type }) => type)).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.completed",
  ]);
  const response = events.at(-1)?.response;
  expect(response).toMatchObject({ output: [events[3]?.item] });
  const full = client.writeResponse(foldEvents(told(SUMMARY)), context(parse(trigger)));
  expect(full).toEqual(events.at(-1)?.response);
});

it("a summary that is none fails the stream", () => {
  const writer = client.createStreamWriter(context(parse(trigger)));
  const events = readFrames(writer.push(told(" ")) + writer.end());
  expect(events.at(-1)).toMatchObject({
    type: "response.failed",
    response: { error: { code: "server_error" } },
  });
});

it("a kept summary stands for all that led to it", () => {
  const stored = client.stored;
  if (!stored) throw new Error("answers are kept");
  const id = `resp_${"R".repeat(24)}`;
  const answer = client.writeResponse(foldEvents(told(SUMMARY)), context(parse(trigger)));
  const kept = stored.toStored(trigger, answer);
  const next = { model: "m", previous_response_id: id, input: "And?" };
  const { input } = stored.expand(next, new Map([[id, kept]])) as { input: unknown };
  expect(listOf(input).map(({ type }) => type)).toEqual(["compaction", "message"]);
});

it("goes to a provider of the API as it is", () => {
  expect(provider.passThrough(compactCall, "m", false)).toEqual({
    path: "/v1/responses/compact",
    modelInBody: true,
  });
  const theirs = parse({ model: "m", input: [{ type: "compaction", encrypted_content: "gAAAA" }] });
  expect(theirs.nativeOnly).toContain("input[0]");
  expect(theirs.nativeOnlyAs).toMatchObject({ kind: "unsupported", param: "input[0]" });
});
