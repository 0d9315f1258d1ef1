import { expect } from "vitest";
import { callsOf, textOf, weather, type Got, type Pair, type Scenario } from "./scenario.ts";
import { userText } from "./ask.ts";

/** Scenarios whose answers are written by hand, in each provider protocol as odd servers of it write them. */
const sse = (...data: unknown[]): string =>
  data.map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`).join("");
const ndjson = (...lines: object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

const delta = (body: object, rest: object = {}) => ({ choices: [{ delta: body, ...rest }] });
const PARIS = '{"city":"Paris"}';
const ROME = '{"city":"Rome"}';
const request = { messages: [userText("weather?")], tools: [weather] };

/** Text and a call from servers that say no more than they must. */
function gotBare({ result }: Got, { client, provider }: Pair): void {
  expect(textOf(result)).toBe("Hi there");
  expect(callsOf(result)).toEqual([{ name: "get_weather", args: { city: "Paris" } }]);
  expect(result.finishReason).toBe("tool-calls");
  // What goes through as it is, goes through without.
  if (client === provider) return;
  for (const part of result.content) if (part.type === "tool-call") expect(part.id).not.toBe("");
  // Ollama leaves out counts of zero itself.
  if (client !== "ollama") expect(result.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
}

const gotBoth = ({ result }: Got): void => {
  expect(callsOf(result).map(({ args }) => args)).toEqual([{ city: "Paris" }, { city: "Rome" }]);
  expect(result.finishReason).toBe("tool-calls");
};

export const FRAME_SCENARIOS: Scenario[] = [
  {
    name: "traps 30, 33 and 35: an answer without finish reason, usage, index and ids",
    request,
    frames: {
      openai: {
        stream: sse(
          delta({ content: "Hi " }),
          delta({ content: "there" }),
          delta({ tool_calls: [{ function: { name: "get_weather", arguments: PARIS.slice(0, 8) } }] }),
          delta({ tool_calls: [{ function: { arguments: PARIS.slice(8) } }] }),
          "[DONE]",
        ),
        whole: {
          choices: [
            {
              message: {
                content: "Hi there",
                tool_calls: [{ function: { name: "get_weather", arguments: PARIS } }],
              },
            },
          ],
        },
      },
      "openai-responses": {
        stream: sse(
          { type: "response.output_text.delta", delta: "Hi " },
          { type: "response.output_text.delta", delta: "there" },
          { type: "response.output_item.added", item: { type: "function_call", name: "get_weather" } },
          { type: "response.function_call_arguments.delta", delta: PARIS.slice(0, 8) },
          { type: "response.function_call_arguments.delta", delta: PARIS.slice(8) },
          { type: "response.completed", response: {} },
        ),
        whole: {
          output: [
            { type: "message", content: [{ type: "output_text", text: "Hi there" }] },
            { type: "function_call", name: "get_weather", arguments: PARIS },
          ],
        },
      },
      claude: {
        stream: sse(
          { type: "message_start", message: {} },
          { type: "content_block_start", content_block: { type: "text" } },
          { type: "content_block_delta", delta: { type: "text_delta", text: "Hi " } },
          { type: "content_block_delta", delta: { type: "text_delta", text: "there" } },
          { type: "content_block_start", content_block: { type: "tool_use", name: "get_weather" } },
          {
            type: "content_block_delta",
            delta: { type: "input_json_delta", partial_json: PARIS.slice(0, 8) },
          },
          { type: "content_block_delta", delta: { type: "input_json_delta", partial_json: PARIS.slice(8) } },
          { type: "message_stop" },
        ),
        whole: {
          content: [
            { type: "text", text: "Hi there" },
            { type: "tool_use", name: "get_weather", input: { city: "Paris" } },
          ],
        },
      },
      gemini: {
        // Without its finish reason a stream was cut off: there is no other end to it.
        stream: sse(
          { candidates: [{ content: { parts: [{ text: "Hi " }] } }] },
          {
            candidates: [
              {
                content: {
                  parts: [
                    { text: "there" },
                    { functionCall: { name: "get_weather", args: { city: "Paris" } } },
                  ],
                },
                finishReason: "STOP",
              },
            ],
          },
        ),
        whole: {
          candidates: [
            {
              content: {
                parts: [
                  { text: "Hi there" },
                  { functionCall: { name: "get_weather", args: { city: "Paris" } } },
                ],
              },
            },
          ],
        },
      },
      ollama: {
        stream: ndjson(
          { message: { content: "Hi " } },
          { message: { content: "there" } },
          { message: { tool_calls: [{ function: { name: "get_weather", arguments: { city: "Paris" } } }] } },
          { done: true },
        ),
        whole: {
          message: {
            content: "Hi there",
            tool_calls: [{ function: { name: "get_weather", arguments: { city: "Paris" } } }],
          },
        },
      },
    },
    got: gotBare,
  },
  {
    name: "trap 38: a stream without its last line",
    request,
    frames: {
      openai: {
        stream: sse(
          delta({ content: "Hi there" }),
          delta(
            { tool_calls: [{ function: { name: "get_weather", arguments: PARIS } }] },
            { finish_reason: "stop" },
          ),
        ),
      },
      claude: {
        stream: sse(
          { type: "message_start", message: {} },
          { type: "content_block_delta", delta: { type: "text_delta", text: "Hi there" } },
          {
            type: "content_block_start",
            content_block: { type: "tool_use", name: "get_weather", input: { city: "Paris" } },
          },
          { type: "message_delta", delta: { stop_reason: "end_turn" } },
        ),
      },
    },
    got: gotBare,
  },
  {
    name: "trap 31: whole calls in one chunk",
    request,
    frames: {
      openai: {
        stream: sse(
          delta(
            {
              tool_calls: [
                {
                  index: 0,
                  id: "call_a",
                  type: "function",
                  function: { name: "get_weather", arguments: PARIS },
                },
                {
                  index: 1,
                  id: "call_b",
                  type: "function",
                  function: { name: "get_weather", arguments: ROME },
                },
              ],
            },
            { index: 0, finish_reason: "tool_calls" },
          ),
          "[DONE]",
        ),
      },
      "openai-responses": {
        stream: sse(
          {
            type: "response.output_item.done",
            output_index: 0,
            item: {
              type: "function_call",
              id: "fc_a",
              call_id: "call_a",
              name: "get_weather",
              arguments: PARIS,
            },
          },
          {
            type: "response.output_item.done",
            output_index: 1,
            item: {
              type: "function_call",
              id: "fc_b",
              call_id: "call_b",
              name: "get_weather",
              arguments: ROME,
            },
          },
          { type: "response.completed", response: { status: "completed" } },
        ),
      },
      claude: {
        stream: sse(
          { type: "message_start", message: { usage: { input_tokens: 1, output_tokens: 1 } } },
          ...[PARIS, ROME].flatMap((input, index) => [
            {
              type: "content_block_start",
              index,
              content_block: {
                type: "tool_use",
                id: `toolu_${index}`,
                name: "get_weather",
                input: JSON.parse(input) as object,
              },
            },
            { type: "content_block_stop", index },
          ]),
          { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 9 } },
          { type: "message_stop" },
        ),
      },
      gemini: {
        stream: sse({
          candidates: [
            {
              content: {
                parts: [PARIS, ROME].map((args) => ({
                  functionCall: { name: "get_weather", args: JSON.parse(args) as object },
                })),
              },
              finishReason: "STOP",
            },
          ],
        }),
      },
      ollama: {
        stream: ndjson({
          message: {
            content: "",
            tool_calls: [PARIS, ROME].map((args) => ({
              function: { name: "get_weather", arguments: JSON.parse(args) as object },
            })),
          },
          done: true,
          done_reason: "stop",
        }),
      },
    },
    got: gotBoth,
  },
  {
    name: "trap 32: deltas that hold all text so far, where the provider is known for it",
    request,
    quirks: { cumulative: true },
    frames: {
      openai: {
        stream: sse(
          delta({ content: "Hi " }),
          delta({ content: "Hi there" }),
          delta({
            tool_calls: [
              { index: 0, id: "call_a", function: { name: "get_weather", arguments: PARIS.slice(0, 8) } },
            ],
          }),
          delta({
            tool_calls: [{ index: 0, id: "call_a", function: { name: "get_weather", arguments: PARIS } }],
          }),
          delta({}, { finish_reason: "tool_calls" }),
          "[DONE]",
        ),
      },
      gemini: {
        stream: sse(
          { candidates: [{ content: { parts: [{ text: "Hi " }] } }] },
          { candidates: [{ content: { parts: [{ text: "Hi there" }] } }] },
          {
            candidates: [
              {
                content: { parts: [{ functionCall: { name: "get_weather", args: { city: "Paris" } } }] },
                finishReason: "STOP",
              },
            ],
          },
        ),
      },
    },
    got(given, pair) {
      // An answer that goes through as it is keeps its growing texts.
      if (pair.client !== pair.provider) gotBare(given, pair);
    },
  },
];
