import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { writeResponse } from "../../../adapters/openai/write-response.ts";
import { createStreamWriter } from "../../../adapters/openai/write-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { makeCall, makeContext, weather } from "./load.ts";

/** Field by field after `ChatCompletionCreateParams` and `CompletionCreateParams` of the SDK. */
const user = { role: "user", content: "hi" };
const chat = (fields: Record<string, unknown>) =>
  parseRequest({ model: "m", messages: [user], ...fields }, makeCall());
const completion = (fields: Record<string, unknown>) =>
  parseRequest({ model: "m", prompt: "hi", ...fields }, makeCall("completions"));

describe("fields without a unified form", () => {
  it.each([
    ["logit_bias", { "50256": -100 }],
    ["web_search_options", { search_context_size: "low" }],
    ["verbosity", "low"],
    ["moderation", { model: "omni-moderation-latest" }],
    ["store", true],
    ["response_format", { type: "grammar", grammar: "root ::= x" }],
    ["guided_json", { type: "object" }],
  ])(
    "%s changes the answer: other providers' clients are told, this protocol's providers get it",
    (name, value) => {
      const request = chat({ [name]: value });
      expect(request.unread).toEqual([name]);
      expect(buildRequest(request).body).toMatchObject({ [name]: value });
    },
  );

  it.each([
    ["metadata", { a: "b" }],
    ["service_tier", "flex"],
    ["prediction", { type: "content", content: "x" }],
    ["prompt_cache_key", "k"],
    ["prompt_cache_retention", "24h"],
    ["prompt_cache_options", { mode: "explicit" }],
    ["safety_identifier", "s"],
    ["store", false],
    ["verbosity", "medium"],
    ["modalities", ["text"]],
    ["logit_bias", {}],
    ["response_format", { type: "text" }],
  ])("%s changes no answer: nobody is told", (name, value) => {
    const request = chat({ [name]: value });
    expect(request.unread).toBeUndefined();
    expect(buildRequest(request).body).toMatchObject({ [name]: value });
  });

  it("null counts as absent, for every field of the SDK that may be null", () => {
    const fields = [
      "audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata modalities moderation n",
      "prediction presence_penalty prompt_cache_key reasoning_effort safety_identifier seed service_tier stop store",
      "stream stream_options temperature top_logprobs top_p verbosity user tools functions tool_choice",
    ];
    const nulls = Object.fromEntries(fields.flatMap((line) => line.split(" ")).map((name) => [name, null]));
    const { extra: _, ...request } = chat(nulls);
    expect(request).toEqual({
      model: "m",
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      stream: false,
    });
  });

  it("names of speakers, but not of tools", () => {
    expect(chat({ messages: [{ ...user, name: "Ann" }] }).unread).toEqual(["messages[].name"]);
    const call = { id: "a", type: "function", function: { name: "now", arguments: "{}" } };
    const turn = [user, { role: "assistant", content: null, tool_calls: [call] }];
    const result = { role: "tool", tool_call_id: "a", name: "now", content: "12" };
    expect(chat({ messages: [...turn, result] }).unread).toBeUndefined();
  });

  it("completions: best_of beyond n, and what a chat model cannot do", () => {
    expect(completion({ best_of: 3 }).unread).toEqual(["best_of"]);
    expect(completion({ best_of: 3, n: 3 }).unread).toBeUndefined();
    expect(completion({ logit_bias: { "1": 1 } }).unread).toEqual(["logit_bias"]);
    expect(completion({ echo: false, suffix: null, best_of: 1 }).unread).toBeUndefined();
  });
});

describe("n", () => {
  it("counts from 1 to 128, in OpenAI's words", () => {
    expect(chat({ n: 1 }).choices).toBeUndefined();
    expect(chat({ n: 3 }).choices).toBe(3);
    expect(completion({ n: 3 }).choices).toBe(3);
    expect(() => chat({ n: 0 })).toThrow(
      expect.objectContaining({ kind: "invalid-request", param: "n", code: "integer_below_min_value" }),
    );
    expect(() => completion({ n: 129 })).toThrow(
      expect.objectContaining({ param: "n", code: "integer_above_max_value" }),
    );
  });
});

describe("thinking asked for in other providers' words", () => {
  it.each([
    [{ thinking: { type: "enabled" } }, { mode: "on" }],
    [{ thinking: { type: "enabled", budget_tokens: 2048 } }, { mode: "on", budgetTokens: 2048 }],
    [{ thinking: { type: "disabled" } }, { mode: "off" }],
    [
      { enable_thinking: true, thinking_budget: 512 },
      { mode: "on", budgetTokens: 512 },
    ],
    [{ enable_thinking: false }, { mode: "off" }],
    [{ chat_template_kwargs: { enable_thinking: false } }, { mode: "off" }],
    [{ chat_template_kwargs: { thinking: true } }, { mode: "on" }],
    [
      { reasoning_effort: "low", thinking: { type: "disabled" } },
      { mode: "on", effort: "low" },
    ],
    [{ thinking: "yes" }, undefined],
  ])("%j", (fields, thinking) => {
    const request = chat(fields);
    expect(request.thinking).toEqual(thinking);
    expect(request.unread).toBeUndefined();
    const { reasoning_effort: _, ...others } = fields as Record<string, unknown>;
    expect(buildRequest(request).body).toMatchObject(others);
  });

  it("who asks in OpenRouter's way finds the thoughts in its field", () => {
    const events: StreamEvent[] = [
      { type: "thinking-delta", text: "hm" },
      { type: "text-delta", text: "Hi" },
      { type: "finish", reason: "stop" },
    ];
    const request = chat({ reasoning: { effort: "high" } });
    expect(buildRequest(request).body).not.toHaveProperty("reasoning");
    const context = { ...makeContext(), request };
    const whole = JSON.stringify(writeResponse(foldEvents(events), context));
    const streamed = createStreamWriter(context).push(events);
    for (const text of [whole, streamed]) {
      expect(text).toContain('"reasoning":"hm"');
      expect(text).not.toContain("reasoning_content");
    }
  });

  it("thoughts of the past are read under each of their names", () => {
    for (const field of [
      { reasoning_content: "hm" },
      { reasoning: "hm" },
      { reasoning_details: [{ type: "reasoning.text", text: "hm" }] },
    ]) {
      const { messages } = chat({ messages: [user, { role: "assistant", content: "x", ...field }, user] });
      expect(messages[1]?.content[0]).toEqual({ type: "thinking", text: "hm" });
    }
  });
});

describe("`functions`", () => {
  const functions = [{ name: "get_weather", parameters: weather }];
  it("one call at a time, because the answer has room for one", () => {
    expect(chat({ functions }).parallelTools).toBe(false);
    const tools = [{ type: "function", function: functions[0] }];
    expect(chat({ tools }).parallelTools).toBeUndefined();
  });
});

describe("token probabilities", () => {
  it("have all their fields, and those of a refusal stand apart", () => {
    const events: StreamEvent[] = [
      { type: "refusal-delta", text: "No" },
      { type: "logprobs", logprobs: [{ token: "No", logprob: -1 }] },
      { type: "finish", reason: "stop" },
    ];
    const refusal = [{ token: "No", logprob: -1, bytes: null, top_logprobs: [] }];
    expect(writeResponse(foldEvents(events), makeContext())).toMatchObject({
      choices: [{ logprobs: { content: null, refusal } }],
    });
    const frame = createStreamWriter(makeContext()).push(events).split("\n\n")[1] ?? "";
    expect(JSON.parse(frame.slice(6))).toMatchObject({
      choices: [{ delta: { refusal: "No" }, logprobs: { content: null, refusal } }],
    });
  });
});
