import { describe, expect, it } from "vitest";
import { foldEvents, replay } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { writeResponse } from "../../../adapters/openai/write-response.ts";
import { createStreamWriter } from "../../../adapters/openai/write-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { loadJson, loadStream, makeContext, request } from "./load.ts";

const parse = (text: string): StreamEvent[] => {
  const parser = createStreamParser(request);
  return [...parser.push(text), ...parser.end()];
};
const stream = (...chunks: object[]): StreamEvent[] =>
  parse(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("") + "data: [DONE]\n\n");
const delta = (value: object, finish: string | null = null, more: object = {}) => ({
  ...more,
  choices: [{ index: 0, delta: value, finish_reason: finish }],
});
const annotation = (url: string, start = 0, end = 0) => ({
  type: "url_citation",
  url_citation: { url, title: url, start_index: start, end_index: end },
});

const paris = { url: "https://a.example/paris", title: "Paris", start: 0, end: 14 };
const rome = {
  url: "https://a.example/rome",
  title: "Rome",
  quote: "It is warm in Rome.",
  start: 15,
  end: 28,
};

describe("citations read from a provider", () => {
  it("annotations, whole and streamed, become citations of their text", () => {
    const content = [{ type: "text", text: "Paris is mild. Rome is warm.", citations: [paris, rome] }];
    expect(parseResponse(loadJson("responses/annotations.json"), request).content).toEqual(content);
    expect(foldEvents(parse(loadStream("annotations"))).content).toEqual(content);
  });

  it("sources of the whole answer, in every chunk, count once each", () => {
    const citations = [
      { url: "https://a.example/1", title: "One", quote: "First." },
      { url: "https://a.example/2" },
    ];
    const content = [{ type: "text", text: "Mild weather[1][2].", citations }];
    expect(parseResponse(loadJson("responses/sources.json"), request).content).toEqual(content);
    expect(foldEvents(parse(loadStream("sources"))).content).toEqual(content);
  });

  it("a source that is annotated too counts once", () => {
    const events = stream(
      delta({ content: "Hi" }, null, { citations: ["u"] }),
      delta({ annotations: [annotation("u", 0, 2)] }),
      delta({ annotations: [annotation("u", 0, 2)] }, "stop", { citations: ["u"] }),
    );
    expect(events.filter(({ type }) => type === "citation")).toEqual([
      { type: "citation", citation: { url: "u", title: "u", start: 0, end: 2 } },
    ]);
  });

  it("ranges count from the beginning of the text they are about", () => {
    const thoughtful = [
      { type: "text", text: "One." },
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Two." },
    ];
    const events = stream(
      delta({ content: thoughtful, annotations: [annotation("b", 4, 8), annotation("a", 0, 4)] }, "stop"),
    );
    expect(foldEvents(events).content).toEqual([
      { type: "text", text: "One." },
      { type: "thinking", text: "hm" },
      {
        type: "text",
        text: "Two.",
        // What is about an earlier text has no place in this one.
        citations: [
          { url: "b", title: "b", start: 0, end: 4 },
          { url: "a", title: "a" },
        ],
      },
    ]);
  });

  it("thoughts in tags are not counted", () => {
    const parser = createStreamParser(request, { quirks: { thinkTags: true } });
    const content = "<think>hm</think>Mild.";
    const chunk = delta({ content, annotations: [annotation("a", 17, 22)] }, "stop");
    const events = [...parser.push(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`), ...parser.end()];
    expect(foldEvents(events).content).toEqual([
      { type: "thinking", text: "hm" },
      { type: "text", text: "Mild.", citations: [{ url: "a", title: "a", start: 0, end: 5 }] },
    ]);
  });

  it("stand in front of the calls that follow their text", () => {
    const call = { index: 0, id: "c", function: { name: "now", arguments: "{}" } };
    const events = stream(
      delta({ content: "Hi" }, null, { citations: ["u"] }),
      delta({ tool_calls: [call] }, "tool_calls"),
    );
    expect(foldEvents(events).content).toMatchObject([
      { type: "text", text: "Hi", citations: [{ url: "u" }] },
      { type: "tool-call", name: "now" },
    ]);
  });

  it("without any text there is nothing they could be about", () => {
    const events = stream(delta({ annotations: [annotation("u")] }, "stop", { citations: ["v"] }));
    expect(foldEvents(events).content).toEqual([]);
  });

  it.each([
    [null],
    ["x"],
    [[null, 1, "x", {}, { type: "url_citation" }, { type: "url_citation", url_citation: { url: 3 } }]],
  ])("%j is passed over", (annotations) => {
    const events = stream(delta({ content: "Hi", annotations }, "stop", { citations: [null, 1, {}, ""] }));
    expect(foldEvents(events).content).toEqual([{ type: "text", text: "Hi" }]);
  });
});

const events: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "One. " },
  { type: "citation", citation: { url: "a", title: "A", start: 0, end: 3 } },
  { type: "thinking-delta", text: "hm" },
  { type: "text-delta", text: "Two" },
  { type: "citation", citation: { url: "b", quote: "both" } },
  { type: "citation", citation: { title: "a book" } },
  { type: "text-delta", text: "!" },
  { type: "finish", reason: "stop" },
];
const annotations = [
  { type: "url_citation", url_citation: { url: "a", title: "A", start_index: 0, end_index: 3 } },
  {
    type: "url_citation",
    url_citation: { url: "b", title: "b", start_index: 5, end_index: 9, content: "both" },
  },
];

describe("citations written to a client", () => {
  it("whole: ranges count from the beginning of the content; without one it is the whole text", () => {
    expect(writeResponse(foldEvents(events), makeContext())).toMatchObject({
      choices: [{ message: { content: "One. Two!", annotations } }],
    });
  });

  it("streamed: once and all together, because clients put a later delta in the place of an earlier one", () => {
    const text = createStreamWriter(makeContext()).push(events);
    const deltas = text
      .split("\n\n")
      .filter((frame) => frame.startsWith("data: {"))
      .map((frame) => JSON.parse(frame.slice(6)) as { choices: [{ delta: object }] })
      .map(({ choices }) => choices[0].delta);
    expect(deltas.slice(1).filter((value) => "annotations" in value)).toEqual([{ annotations }]);
    expect(deltas.at(-1)).toEqual({});
  });

  it("a whole answer has the list, also empty", () => {
    const result = foldEvents([
      { type: "text-delta", text: "Hi" },
      { type: "finish", reason: "stop" },
    ]);
    expect(writeResponse(result, makeContext())).toMatchObject({
      choices: [{ message: { annotations: [] } }],
    });
  });

  it("are read back as they were", () => {
    const first = parse(loadStream("annotations"));
    const again = parse(createStreamWriter(makeContext()).push(replay(foldEvents(first))));
    expect(foldEvents(again).content).toEqual(foldEvents(first).content);
  });
});
