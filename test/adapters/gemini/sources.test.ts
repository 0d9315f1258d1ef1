import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/gemini/parse-response.ts";
import { createUtf8Offsets } from "../../../adapters/gemini/utf8-offsets.ts";
import { writeResponse } from "../../../adapters/gemini/write-response.ts";
import { createStreamWriter } from "../../../adapters/gemini/write-stream.ts";
import type { Citation, StreamEvent, TextPart, UnifiedResult } from "../../../adapters/unified.ts";
import { context, parseAll, readJson, readText, request } from "./fixtures.ts";

interface Wire {
  candidates: [{ content: { parts: object[] }; groundingMetadata?: Grounding; citationMetadata?: object }];
}
interface Grounding {
  groundingChunks: object[];
  groundingSupports?: { segment: { startIndex: number; endIndex: number; text: string } }[];
}
const REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/";
const whole = readJson("responses/grounding.json") as unknown as Wire;
const textOf = ({ content }: UnifiedResult): TextPart => {
  const part = content.find(({ type }) => type === "text");
  if (part?.type !== "text") throw new Error("no text");
  return part;
};
const bare = (citations: Citation[] = []) => citations.map(({ native: _native, ...rest }) => rest);
const quoted = ({ text, citations = [] }: TextPart) =>
  citations.map(({ url, start, end }) => [url?.replace(REDIRECT, ""), text.slice(start, end)]);
const write = (result: UnifiedResult) => (writeResponse(result, context()) as unknown as Wire).candidates[0];
const stream = (batches: StreamEvent[][]) => {
  const writer = createStreamWriter(context());
  const text = batches.map((events) => writer.push(events)).join("") + writer.end();
  return text
    .split(/\r?\n\r?\n/)
    .filter((frame) => frame !== "")
    .map((frame) => (JSON.parse(frame.slice(6)) as Wire).candidates[0]);
};
const citation = (more: Citation): StreamEvent => ({ type: "citation", citation: more });
const say = (text: string): StreamEvent => ({ type: "text-delta", text });
const finish: StreamEvent = { type: "finish", reason: "stop" };

describe("sources of a Gemini provider", () => {
  it("become citations of the text, at the places their bytes mean", () => {
    const part = textOf(parseResponse(whole, request()));
    const all = "Zürich hat 443 000 Einwohner – so viele wie nie.";
    expect(quoted(part)).toEqual([
      ["AAA", all],
      ["BBB", all],
      ["BBB", "Bern ist kleiner."],
      ["CCC", part.text],
      ["https://example.com/bern", part.text],
    ]);
    expect(part.citations?.[0]?.title).toBe("stadt-zuerich.ch");
  });

  it("are the same in a stream that repeats them, each once", () => {
    const streamed = textOf(foldEvents(parseAll([readText("streams/grounding.sse")])));
    expect(streamed).toEqual(textOf(parseResponse(whole, request())));
  });

  it("tell what was searched for even where nothing was found", () => {
    const groundingMetadata = { webSearchQueries: ["q"] };
    const candidates = [{ content: { parts: [{ text: "a" }] }, groundingMetadata }];
    expect(write(parseResponse({ candidates }, request())).groundingMetadata).toEqual(groundingMetadata);
  });

  it("are read from citationMetadata, whose places have no words", () => {
    const part = textOf(foldEvents(parseAll([readText("streams/citations.sse")])));
    expect(quoted(part)).toEqual([
      ["https://github.com/a/b", "for (let i = 0; i < 3; i++) {}"],
      ["https://example.com/é", "Look"],
    ]);
  });

  it("go to Gemini's clients as they came, once, whole and streamed", () => {
    const [given] = whole.candidates;
    const { content: _content, ...fields } = write(parseResponse(whole, request()));
    const { content: _given, ...wanted } = given;
    expect(fields).toEqual(wanted);
    const events = parseAll([readText("streams/grounding.sse")]);
    const chunks = stream(events.map((event) => [event]));
    const told = chunks.flatMap((chunk) => (chunk.groundingMetadata ? [chunk.groundingMetadata] : []));
    expect(told).toEqual([given.groundingMetadata]);
    expect(stream([parseAll([readText("streams/citations.sse")])])[0]?.citationMetadata).toMatchObject({
      citationSources: [{ license: "mit" }, {}],
    });
  });

  it("find their words where the indices count otherwise, and stay without a place where they are nowhere", () => {
    const supports = [
      { segment: { startIndex: 90, endIndex: 93, text: "two" }, groundingChunkIndices: [0] },
      { segment: { startIndex: 4, endIndex: 9, text: "three" }, groundingChunkIndices: [0, 7] },
      { segment: { text: "nowhere" }, groundingChunkIndices: [0] },
      { segment: null, groundingChunkIndices: null },
      null,
    ];
    const body = {
      candidates: [
        {
          content: { parts: [{ text: "one two three" }] },
          finishReason: "STOP",
          grounding_metadata: {
            grounding_chunks: [{ retrievedContext: { title: "t", text: "words" } }, { odd: {} }, 3],
            grounding_supports: supports,
          },
        },
      ],
    };
    expect(bare(textOf(parseResponse(body, request())).citations)).toEqual([
      { title: "t", quote: "words", start: 4, end: 7 },
      { title: "t", quote: "words", start: 8, end: 13 },
      { title: "t", quote: "words" },
    ]);
  });

  it("that come behind a call stand alone", () => {
    const parts = [{ text: "a" }, { functionCall: { name: "f" } }];
    const groundingMetadata = { groundingChunks: [{ web: { uri: "https://a.example" } }] };
    const candidates = [{ content: { parts }, finishReason: "STOP", groundingMetadata }];
    const { content } = parseResponse({ candidates }, request());
    expect(content.map(({ type }) => type)).toEqual(["text", "tool-call", "text"]);
    expect(content[2]).toMatchObject({ text: "", citations: [{ url: "https://a.example" }] });
    expect(write({ content, finishReason: "tool-calls" })).toMatchObject({
      content: { parts: [{ text: "a" }, { functionCall: { name: "f" } }] },
      groundingMetadata,
    });
  });
});

describe("sources of other providers", () => {
  const events: StreamEvent[] = [
    { type: "thinking-delta", text: "hm" },
    say("Grüezi "),
    say("miteinander. "),
    citation({ url: "https://a.example/x", title: "A", start: 7, end: 19 }),
    citation({ url: "https://b.example/y", start: 7, end: 19, native: { origin: "claude", body: {} } }),
    citation({ url: "https://a.example/x", title: "A" }),
    citation({}),
    citation({ title: "A file", quote: "what it says", start: 40, end: 50 }),
    finish,
  ];
  const grounding = {
    groundingChunks: [
      { web: { uri: "https://a.example/x", title: "A" } },
      { web: { uri: "https://b.example/y", title: "b.example" } },
      { retrievedContext: { title: "A file", text: "what it says" } },
    ],
    groundingSupports: [
      {
        segment: { partIndex: 1, startIndex: 8, endIndex: 20, text: "miteinander." },
        groundingChunkIndices: [0, 1],
      },
      {
        segment: { partIndex: 1, startIndex: 0, endIndex: 21, text: "Grüezi miteinander. " },
        groundingChunkIndices: [0],
      },
    ],
  };

  it("become groundingMetadata in bytes, at the end of a stream and in a whole answer alike", () => {
    expect(write(foldEvents(events)).groundingMetadata).toEqual(grounding);
    for (const batches of [[events], events.map((event) => [event])]) {
      const chunks = stream(batches);
      expect(chunks.at(-1)?.groundingMetadata).toEqual(grounding);
      expect(chunks.filter((chunk) => chunk.groundingMetadata)).toHaveLength(1);
    }
  });

  it("count from the beginning of the part where texts with sources of their own become one", () => {
    const answer: UnifiedResult = {
      content: [
        { type: "text", text: "é", citations: [{ url: "https://a.example" }] },
        { type: "text", text: "b", citations: [{ url: "https://b.example" }] },
      ],
      finishReason: "stop",
    };
    expect(write(answer)).toMatchObject({
      content: { parts: [{ text: "éb" }] },
      groundingMetadata: {
        groundingSupports: [
          { segment: { startIndex: 0, endIndex: 2, text: "é" }, groundingChunkIndices: [0] },
          { segment: { startIndex: 2, endIndex: 3, text: "b" }, groundingChunkIndices: [1] },
        ],
      },
    });
  });

  it("come back the same from what was written", () => {
    const back = textOf(parseResponse({ candidates: [write(foldEvents(events))] }, request()));
    expect(quoted(back)).toEqual([
      ["https://a.example/x", "miteinander."],
      ["https://b.example/y", "miteinander."],
      ["https://a.example/x", back.text],
      [undefined, back.text],
    ]);
  });
});

describe("createUtf8Offsets", () => {
  it.each(["plain", "é€", "a😀b", "\ud800x", ""])("agrees with the encoder on %j", (text) => {
    const { toBytes, toUnits } = createUtf8Offsets(text);
    for (let at = 0; at <= text.length; at++) {
      const isMiddle = at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff;
      if (isMiddle) continue;
      expect(toBytes(at)).toBe(Buffer.byteLength(text.slice(0, at)));
      expect(toUnits(toBytes(at))).toBe(at);
    }
    expect(toUnits(999)).toBe(text.length);
  });

  it("is done with a long text in no time", () => {
    const text = "é".repeat(200_000);
    const supports = Array.from({ length: 20_000 }, () => ({
      segment: { text: "nowhere" },
      groundingChunkIndices: [0],
    }));
    const grounding = {
      groundingChunks: [{ web: { uri: "https://a.example" } }],
      groundingSupports: supports,
    };
    const candidates = [{ content: { parts: [{ text }] }, groundingMetadata: grounding }];
    const began = performance.now();
    parseResponse({ candidates }, request());
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
