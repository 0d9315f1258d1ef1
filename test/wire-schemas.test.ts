import { describe, expect, it } from "vitest";
import type { Call } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { foldEvents } from "../adapters/fold.ts";
import { findAdapter } from "../adapters/index.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { PROTOCOLS, type ProtocolName } from "./support/daemon.ts";
import { call, finish, text, thought, usage, weather } from "./support/scenario.ts";
import { toWriteContext } from "./support/scripted-provider.ts";
import { checkAnswer, type Answer } from "./support/wire-schemas/check-answer.ts";

/** What the tests' own schemas are worth: a good answer passes, and every spoiled one is refused for what is wrong. */
type Kind = "whole" | "stream" | "error" | "broken stream";

const request: UnifiedRequest = {
  model: "model-a",
  messages: [],
  tools: [weather],
  thinking: { mode: "on" },
  stream: true,
  extra: { openai: { stream_options: { include_usage: true } } },
};
const said: StreamEvent[] = [
  { type: "start" },
  thought("Let me see."),
  text("Sure."),
  text(" Two."),
  ...call(0, "get_weather", '{"city":"Paris"}'),
  ...call(1, "get_weather", '{"city":"Rome"}'),
  finish("tool-calls", { ...usage, cachedTokens: 1, reasoningTokens: 2 }),
];
const error = new GatewayError("overloaded", "too busy");

function toAnswer(protocol: ProtocolName, kind: Kind): Answer {
  const face = findAdapter(protocol)?.client;
  if (!face) throw new Error(`no adapter for ${protocol}`);
  const query = new URLSearchParams("alt=sse");
  const wire: Call = {
    job: "chat",
    variant: VARIANTS[protocol],
    params: { model: "model-a" },
    query,
    headers: {},
  };
  if (kind === "error") {
    const { status, headers, body } = face.writeError(error, wire);
    return { status, contentType: headers["content-type"] ?? "", text: body };
  }
  const context = toWriteContext(wire, request);
  if (kind === "whole") {
    const { "content-type": contentType = "" } = face.responseHeaders ?? {
      "content-type": "application/json",
    };
    return { status: 200, contentType, text: JSON.stringify(face.writeResponse(foldEvents(said), context)) };
  }
  const writer = face.createStreamWriter(context);
  const events: StreamEvent[] = kind === "stream" ? said : [...said.slice(0, 3), { type: "error", error }];
  const body = events.map((event) => writer.push([event])).join("") + writer.end();
  return { status: 200, contentType: face.streamHeaders(wire)["content-type"] ?? "", text: body };
}

const VARIANTS: Partial<Record<ProtocolName, string>> = { gemini: "stream", ollama: "chat" };

/** In an answer of a kind, the first of this becomes that, which is refused with these words. */
type Spoiling = [kind: Kind, from: string | RegExp, to: string, reason: RegExp];
const EVERYWHERE: Spoiling[] = [
  ["whole", /^\{/, '{"extra":1,', /additional/],
  ["stream", /(^|data: )\{/, '$1{"extra":1,', /additional/],
  ["error", /^\{/, '{"extra":1,', /additional/],
  ["whole", /"model(Version)?":"model-a"/, '"model$1":""', /model/],
  ["stream", /"model(Version)?":"model-a"/, '"model$1":""', /model/],
  ["stream", /\n+$/, "", /end/],
  ["error", '"error"', '"err"', /error/],
];
const SPOILED: Record<ProtocolName, Spoiling[]> = {
  openai: [
    ["whole", /"id":"chatcmpl-[^"]*",/, "", /'id'/],
    ["whole", /"created":\d+/, '"created":"now"', /created/],
    ["whole", '"refusal":null,', "", /'refusal'/],
    ["whole", '"finish_reason":"tool_calls"', '"finish_reason":"tool_use"', /finish_reason/],
    ["whole", '"type":"function"', '"type":"tool"', /tool_calls/],
    ["whole", '"total_tokens":27', '"total_tokens":27.5', /total_tokens/],
    ["stream", '"finish_reason":null', '"finish_reason":"stop"', /comes after finish_reason/],
    ["stream", '"delta":{"reasoning', '"delta":{"role":"assistant","reasoning', /the role/],
    [
      "stream",
      '"object":"chat.completion.chunk"',
      '"object":"chat.completion"',
      /no chat\.completion frames/,
    ],
    ["stream", "data: [DONE]\n\n", "", /\[DONE\]/],
    ["stream", '"index":1,"id"', '"index":2,"id"', /out of order/],
    ["stream", /^/, "event: chunk\n", /as event chunk/],
    ["error", '"param":null,', "", /'param'/],
    ["broken stream", /$/, "data: [DONE]\n\n", /after the error/],
  ],
  "openai-responses": [
    ["whole", '"object":"response"', '"object":"answer"', /object/],
    ["whole", '"parallel_tool_calls":true,', "", /'parallel_tool_calls'/],
    ["whole", '"error":null,', "", /'error'/],
    ["whole", ',"cache_write_tokens":0', "", /'cache_write_tokens'/],
    ["whole", '"type":"reasoning"', '"type":"thought"', /output/],
    ["whole", '"call_id":"', '"called":"', /'call_id'/],
    ["stream", '"sequence_number":3', '"sequence_number":4', /sequence_number 4 at 3/],
    ["stream", "event: response.in_progress", "event: response.working", /as event response\.working/],
    ["stream", /response\.in_progress/g, "response.working", /no response\.working frames/],
    ["stream", /event: response\.completed\n.*\n\n/, "", /is not last/],
    ["stream", '"delta":"Sure.","logprobs":[]', '"delta":"Sure."', /'logprobs'/],
    ["stream", '"content_index":0,"delta"', '"delta"', /'content_index'/],
    ["stream", '"annotations":[],', "", /'annotations'/],
    ["stream", '"status":"completed","completed_at"', '"status":"in_progress","completed_at"', /status/],
    ["stream", '"output_index":1', '"output_index":2', /not open/],
    ["error", /"code":"[^"]*"/, '"code":7', /code/],
    ["broken stream", '"code":"server_error"', '"code":"oops"', /code/],
  ],
  claude: [
    ["whole", /"id":"msg_[^"]*",/, "", /'id'/],
    ["whole", '"stop_sequence":null,', "", /'stop_sequence'/],
    ["whole", '"stop_reason":"tool_use"', '"stop_reason":null', /stop_reason/],
    ["whole", '"type":"thinking"', '"type":"thought"', /content/],
    ["whole", '"input":{"city":"Paris"}', '"input":"{}"', /input/],
    ["whole", /"input_tokens":\d+/, '"input_tokens":null', /input_tokens/],
    ["stream", "event: ping", "event: pong", /as event pong/],
    ["stream", '"type":"text_delta"', '"type":"words_delta"', /delta/],
    ["stream", '"text_delta","text"', '"thinking_delta","thinking"', /thinking_delta in a text block/],
    ["stream", /event: content_block_stop\n.*\n\n/, "", /starts in another one/],
    ["stream", '"index":1', '"index":2', /out of order/],
    ["stream", /event: message_delta\n.*\n\n/, "", /no message_delta/],
    ["stream", '"partial_json":"{', '"partial_json":"[{', /JSON/],
    ["error", '"request_id":null', '"request_id":7', /request_id/],
    ["error", "overloaded_error", "busy_error", /type/],
    ["broken stream", /$/, 'event: message_stop\ndata: {"type":"message_stop"}\n\n', /after the error/],
  ],
  gemini: [
    ["whole", '"finishReason":"STOP",', "", /'finishReason'/],
    ["whole", ',"role":"model"', "", /'role'/],
    ["whole", '"args":{', '"arguments":{', /'args'/],
    ["whole", '"thought":true', '"thought":"true"', /thought/],
    ["whole", /"usageMetadata":.*(?="modelVersion")/, "", /'usageMetadata'/],
    ["whole", '"promptTokenCount":20', '"promptTokenCount":"20"', /promptTokenCount/],
    ["stream", '"index":0', '"finishReason":"STOP","index":0', /the last chunk alone/],
    ["stream", /"usageMetadata":.*(?="modelVersion")/, "", /no usageMetadata/],
    ["stream", '"text":"Let', '"words":"Let', /parts/],
    ["stream", /^/, "event: chunk\n", /as event chunk/],
    ["error", '"status":"UNAVAILABLE"', '"status":"BUSY"', /status/],
    ["error", '"code":503', '"code":"503"', /code/],
    ["broken stream", /([^\r\n]+)(\s+[^\r\n]+\s+)$/, "$1$2$1\n\n", /after the error/],
  ],
  ollama: [
    ["whole", '"created_at":"20', '"created_at":"', /created_at/],
    ["whole", '"role":"assistant",', "", /'role'/],
    ["whole", '"content":"Sure. Two."', '"content":null', /content/],
    ["whole", '"arguments":{"city":"Paris"}', '"arguments":"{}"', /arguments/],
    ["whole", '"function":{', '"type":"function","function":{', /type/],
    ["whole", '"eval_count":7', '"eval_count":7.5', /eval_count/],
    ["whole", '"done_reason":"stop"', '"done_reason":"tool_calls"', /done_reason/],
    ["whole", '"total_duration"', '"total_time"', /'total_duration'/],
    ["stream", '"done":false', '"done":true', /'done_reason'/],
    ["stream", '"done":false', '"done":false,"eval_count":3', /eval_count/],
    ["stream", '"index":1', '"index":0', /out of order/],
    ["error", '{"error"', '{"code":1,"error"', /additional/],
    ["broken stream", /$/, '{"error":"x"}\n', /it is the last/],
  ],
};

const check = (protocol: ProtocolName, kind: Kind, answer: Answer): void =>
  checkAnswer(protocol, kind === "whole" ? "whole" : "stream", answer);

describe.each(PROTOCOLS)("%s", (protocol) => {
  it.each<Kind>(["whole", "stream", "error", "broken stream"])("a good answer passes: %s", (kind) => {
    check(protocol, kind, toAnswer(protocol, kind));
  });

  it.each([...SPOILED[protocol], ...EVERYWHERE])(
    "a spoiled answer is refused: %s, %s becomes %s",
    (kind, from, to, reason) => {
      const answer = toAnswer(protocol, kind);
      const spoiled = answer.text.replace(from, to);
      expect(spoiled, answer.text).not.toBe(answer.text);
      expect(() => check(protocol, kind, { ...answer, text: spoiled })).toThrow(reason);
    },
  );

  it.each<Kind>(["whole", "stream", "error"])("another content-type is refused: %s", (kind) => {
    const answer = toAnswer(protocol, kind);
    for (const contentType of ["", "text/plain", "application/jsonp"]) {
      expect(() => check(protocol, kind, { ...answer, contentType })).toThrow(/content-type/);
    }
  });

  it("a stream without its last or its first frame is refused", () => {
    const answer = toAnswer(protocol, "stream");
    const end = protocol === "ollama" ? "\n" : "\n\n";
    const frames = answer.text.replaceAll("\r\n", "\n").split(end).slice(0, -1);
    const join = (kept: string[]): Answer => ({ ...answer, text: kept.join(end) + end });
    check(protocol, "stream", join(frames));
    expect(() => check(protocol, "stream", join(frames.slice(0, -1)))).toThrow();
    expect(() => check(protocol, "stream", join([...frames, frames.at(-1) ?? ""]))).toThrow();
    expect(() => check(protocol, "stream", { ...answer, text: "" })).toThrow();
    // A Gemini chunk and an Ollama line stand for themselves.
    if (protocol === "gemini" || protocol === "ollama") return;
    expect(() => check(protocol, "stream", join(frames.slice(1)))).toThrow();
  });
});
